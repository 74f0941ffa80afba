package settings

import (
	"strconv"

	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/python/program"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/args"
	"github.com/gambeson/gambeson/internal/rule/text"
)

// PortOpenToAll looks at what programs tell the firewalls of a cloud: boto3's calls, and the rules that
// AWS's CDK and Pulumi make.
var PortOpenToAll = rule.Check{Kinds: []ast.Kind{ast.KindCall}, Visit: portOpened}

// adminPorts are ports at which nobody but administrators and programs of the same owner has business.
var adminPorts = []struct {
	port int
	of   string
}{
	{22, "SSH's"}, {23, "Telnet's"}, {135, "Windows's"}, {445, "of Windows's shares"}, {1433, "SQL Server's"}, {1521, "Oracle's"}, {2049, "NFS's"}, {2375, "Docker's"}, {2376, "Docker's"}, {2379, "etcd's"}, {3306, "MySQL's"},
	{3389, "of remote desktops"}, {5432, "PostgreSQL's"}, {5601, "Kibana's"}, {5900, "VNC's"}, {5984, "CouchDB's"}, {5985, "WinRM's"}, {5986, "WinRM's"}, {6379, "Redis's"}, {8888, "Jupyter's"}, {9042, "Cassandra's"}, {9200, "Elasticsearch's"},
	{10250, "Kubernetes's"}, {11211, "memcached's"}, {27017, "MongoDB's"},
}

func portOpened(p *rule.Pass, n ast.Node) {
	c := n.(*ast.Call)
	switch args.Callee(c) {
	case "authorize_security_group_ingress", "authorize_ingress":
		openedBy(p, c, callFields(p, c))
		if list, _ := args.Keyword(p.Unit, c, "IpPermissions"); list != nil {
			for _, e := range elements(p, list) {
				if d, ok := e.(*ast.Dict); ok {
					openedBy(p, d, func(name string) ast.Expr { return text.Lookup(d, name) })
				}
			}
		}
	case "SecurityGroupIngressArgs":
		openedBy(p, c, callFields(p, c))
	case "SecurityGroup":
		if list, _ := args.Keyword(p.Unit, c, "ingress"); list != nil && p.Imports("pulumi_aws") {
			for _, e := range elements(p, list) {
				if d, ok := e.(*ast.Dict); ok {
					openedBy(p, d, func(name string) ast.Expr { return text.Lookup(d, name) })
				}
			}
		}
	case "SecurityGroupRule":
		if kind, _ := args.Keyword(p.Unit, c, "type"); kind != nil && p.Imports("pulumi_aws") {
			if s, _ := p.Str(kind); s == "ingress" {
				openedBy(p, c, callFields(p, c))
			}
		}
	case "add_ingress_rule":
		if peer, _ := args.Get(p.Unit, c, 0, "peer"); peer != nil && p.Is(peer, "aws_cdk.aws_ec2.Peer.any_ipv4()", "aws_cdk.aws_ec2.Peer.any_ipv6()") {
			port, _ := args.Get(p.Unit, c, 1, "connection")
			openedPort(p, c, port)
		}
	case "allow_from_any_ipv4":
		port, _ := args.Get(p.Unit, c, 0, "port_range")
		openedPort(p, c, port)
	}
}

// callFields are a call's keyword arguments by name.
func callFields(p *rule.Pass, c *ast.Call) func(name string) ast.Expr {
	return func(name string) ast.Expr {
		v, _ := args.Keyword(p.Unit, c, name)
		return v
	}
}

// elements are those of a list, also behind a name.
func elements(p *rule.Pass, e ast.Expr) []ast.Expr {
	for _, v := range p.Values(e) {
		if list, ok := ast.Elements(v); ok {
			return list
		}
	}
	return nil
}

// openedBy reports what a rule of a firewall opens, as its fields say: those of AWS's interface, or
// those of Pulumi.
func openedBy(p *rule.Pass, at ast.Node, field func(name string) ast.Expr) {
	first := func(names ...string) ast.Expr {
		for _, n := range names {
			if e := field(n); e != nil {
				return e
			}
		}
		return nil
	}
	all := false
	for _, name := range []string{"CidrIp", "CidrIpv6", "cidr_blocks", "ipv6_cidr_blocks", "IpRanges", "Ipv6Ranges"} {
		all = all || everybody(p, field(name), 0)
	}
	if !all {
		return
	}
	protocol, _ := p.Str(first("IpProtocol", "protocol"))
	switch protocol {
	case "-1", "all":
		p.Report(at, "Every port is open to everybody.")
		return
	case "icmp", "icmpv6":
		return
	}
	from, ok := p.Int(first("FromPort", "from_port"))
	to, known := p.Int(first("ToPort", "to_port"))
	if !ok || !known {
		return
	}
	openedRange(p, at, int(from), int(to))
}

// openedPort reports what a port of AWS's CDK opens.
func openedPort(p *rule.Pass, at *ast.Call, port ast.Expr) {
	if port == nil {
		return
	}
	for _, v := range p.Values(port) {
		c, ok := v.(*ast.Call)
		if !ok {
			continue
		}
		switch {
		case p.Is(c.Func, "aws_cdk.aws_ec2.Port.all_traffic", "aws_cdk.aws_ec2.Port.all_tcp"):
			p.Report(at, "Every port is open to everybody.")
		case p.Is(c.Func, "aws_cdk.aws_ec2.Port.tcp"):
			if n, ok := p.Int(program.Arg(c, 0, "port")); ok {
				openedRange(p, at, int(n), int(n))
			}
		case p.Is(c.Func, "aws_cdk.aws_ec2.Port.tcp_range"):
			from, ok := p.Int(program.Arg(c, 0, "start_port"))
			to, known := p.Int(program.Arg(c, 1, "end_port"))
			if ok && known {
				openedRange(p, at, int(from), int(to))
			}
		}
	}
}

func openedRange(p *rule.Pass, at ast.Node, from, to int) {
	if from <= 1 && to >= 65000 {
		p.Report(at, "Every port is open to everybody.")
		return
	}
	for _, x := range adminPorts {
		if from <= x.port && x.port <= to {
			p.Report(at, "Port %s, %s, is open to everybody.", strconv.Itoa(x.port), x.of)
			return
		}
	}
}

// everybody says whether an address, a list of them, or a list of ranges with them, is that of everybody.
func everybody(p *rule.Pass, e ast.Expr, depth int) bool {
	if e == nil || depth > 3 {
		return false
	}
	if s, ok := p.Str(e); ok {
		return s == "0.0.0.0/0" || s == "::/0"
	}
	if d, ok := e.(*ast.Dict); ok {
		for i := range d.Keys {
			if everybody(p, d.Values[i], depth+1) {
				return true
			}
		}
		return false
	}
	for _, x := range elements(p, e) {
		if everybody(p, x, depth+1) {
			return true
		}
	}
	return false
}
