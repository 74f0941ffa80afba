package settings

import (
	"github.com/gambeson/gambeson/internal/finding"
	"github.com/gambeson/gambeson/internal/python/ast"
	"github.com/gambeson/gambeson/internal/rule"
	"github.com/gambeson/gambeson/internal/rule/conf"
	"github.com/gambeson/gambeson/internal/settings"
)

// UploadPermissions looks at the rights that uploaded files get.
var UploadPermissions = rule.Check{File: django(uploadPermissions)}

func uploadPermissions(p *rule.Pass, c *settings.Config) {
	mode := func(bits int64) func(settings.Const) settings.Tri {
		return func(k settings.Const) settings.Tri {
			if k.Kind == settings.Scalar && k.V.Kind == ast.Int && k.V.Int&bits != 0 {
				return settings.Yes
			}
			return settings.No
		}
	}
	for _, name := range []string{"FILE_UPLOAD_PERMISSIONS", "FILE_UPLOAD_DIRECTORY_PERMISSIONS"} {
		s := c.Get(name)
		open := s.Value.Judge(mode(0o002))
		conf.Wrong(p, c, conf.Fault{Holds: open, At: s, Message: "What is uploaded may be changed by every account of the machine."})
		if name == "FILE_UPLOAD_PERMISSIONS" {
			runs := s.Value.Judge(mode(0o111)).And(open.Not())
			if f := conf.Wrong(p, c, conf.Fault{Holds: runs, At: s, Message: "Uploaded files are executable."}); f != nil {
				f.With(finding.Low, f.Confidence)
			}
		}
	}
}
