package surface

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// OpenAPI is the surface as an OpenAPI 3.1 document: what the program answers, whether its
// authors have described it or not. Web sockets and mounts of whole applications have no place
// there and are left out.
func (s *Surface) OpenAPI(title string) ([]byte, error) {
	type object = map[string]any
	paths := object{}
	taken := map[string]bool{}
	secured := false
	for _, x := range s.Routes {
		at := x.Template
		if strings.ContainsAny(at, "^$()") {
			continue
		}
		at = names(at)
		item, _ := paths[at].(object)
		if item == nil {
			item = object{}
			paths[at] = item
		}
		for _, m := range x.Methods {
			ms := []string{strings.ToLower(m)}
			switch m {
			case "*":
				ms = []string{"get", "post"}
			case "WEBSOCKET":
				continue
			}
			for _, m := range ms {
				if !slices.Contains(verbs, m) || item[m] != nil {
					continue
				}
				id := cmp.Or(x.Handler, "route") + "_" + m
				for n := 2; taken[id]; n++ {
					id = cmp.Or(x.Handler, "route") + "_" + m + "_" + strconv.Itoa(n)
				}
				taken[id] = true
				op := object{"operationId": id, "responses": object{"default": object{"description": "whatever " + x.Handler + " answers"}}}
				if x.File != "" {
					op["x-gambeson-place"] = x.File + ":" + strconv.Itoa(x.Line)
				}
				if x.Access.Login == Required {
					op["security"] = []object{{"login": []string{}}}
					secured = true
				}
				var params []object
				inPath := map[string]bool{}
				body, types := object{}, map[string]bool{}
				var required []string
				for _, p := range x.Parameters {
					schema := object{"type": cmp.Or(p.Type, "string")}
					if p.Type == "array" {
						schema["items"] = object{}
					}
					switch p.In {
					case "form", "file", "body":
						if m == "get" || m == "head" || m == "delete" || m == "trace" {
							continue
						}
						kind := map[string]string{"form": "application/x-www-form-urlencoded", "file": "multipart/form-data", "body": "application/json"}[p.In]
						types[kind] = true
						if p.In == "file" {
							schema = object{"type": "string", "format": "binary"}
						}
						body[p.Name] = schema
						if p.Required {
							required = append(required, p.Name)
						}
					default:
						if p.In == "path" {
							if !strings.Contains(at, "{"+names(p.Name)+"}") {
								continue
							}
							inPath[names(p.Name)] = true
						}
						o := object{"name": p.Name, "in": p.In, "schema": schema}
						if p.In == "path" {
							o["name"], o["required"] = names(p.Name), true
						} else if p.Required {
							o["required"] = true
						}
						params = append(params, o)
					}
				}
				for _, n := range variables(at) {
					if !inPath[n] {
						inPath[n] = true
						params = append(params, object{"name": n, "in": "path", "required": true, "schema": object{"type": "string"}})
					}
				}
				if params != nil {
					op["parameters"] = params
				}
				if len(body) > 0 {
					content := object{}
					for kind := range types {
						schema := object{"type": "object", "properties": body}
						if required != nil {
							schema["required"] = required
						}
						content[kind] = object{"schema": schema}
					}
					op["requestBody"] = object{"content": content}
				}
				item[m] = op
			}
		}
	}
	doc := object{"openapi": "3.1.0", "info": object{"title": cmp.Or(title, "application"), "version": "0", "description": "Read from the source by Gambeson."}, "paths": paths}
	if secured {
		doc["components"] = object{"securitySchemes": object{"login": object{"type": "apiKey", "in": "cookie", "name": "session", "description": "somebody must be known; how, the source says"}}}
	}
	return json.MarshalIndent(doc, "", "  ")
}

// names keeps of the names in a path what OpenAPI lets them be, and each once.
func names(path string) string {
	var b strings.Builder
	seen := map[string]int{}
	for i := 0; i < len(path); i++ {
		end := strings.IndexByte(path[i:], '}')
		if path[i] != '{' || end < 0 {
			b.WriteByte(path[i])
			continue
		}
		n := path[i+1 : i+end]
		if seen[n]++; seen[n] > 1 {
			n += strconv.Itoa(seen[n])
		}
		b.WriteString("{" + n + "}")
		i += end
	}
	return b.String()
}

func variables(template string) []string {
	var out []string
	for i := 0; i < len(template); i++ {
		if end := strings.IndexByte(template[i:], '}'); template[i] == '{' && end > 0 {
			out = append(out, template[i+1:i+end])
		}
	}
	return out
}
