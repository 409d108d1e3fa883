package host_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kassette-pay/kassette/"

// room is a line of the table of rooms; lists are separated by spaces.
type room struct{ path, code, tests, why string }

// library is a line of the table of libraries.
type library struct{ path, code, tests, why string }

// distance says what packages may not reach, by any way.
type distance struct{ from, never, why string }

// pkg is what the go command says of a package.
type pkg struct {
	ImportPath, Name, Doc              string
	Standard, DepOnly                  bool
	Imports, TestImports, XTestImports []string
}

// goList lists packages of this module with everything they are built of.
func goList(t testing.TB, env []string, patterns ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{
		"list", "-deps", "-json=ImportPath,Name,Doc,Standard,DepOnly,Imports,TestImports,XTestImports",
	}, patterns...)...)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), env...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read what go list says: %v", err)
		}
		all = append(all, p)
	}
}

// fits says whether a path fits one of the patterns: * is one folder, a last
// ... any number of them or none, and *.* whatever does not come with Go.
func fits(patterns, what string) bool {
	for _, pattern := range strings.Fields(patterns) {
		if pattern == "*.*" && strings.Contains(strings.Split(what, "/")[0], ".") {
			return true
		}
		if whole, ok := strings.CutSuffix(pattern, "..."); ok {
			if strings.HasPrefix(what+"/", whole) {
				return true
			}
			continue
		}
		if ok, err := path.Match(pattern, what); ok && err == nil {
			return true
		}
	}
	return false
}

// breaches says what in a list of packages breaks a line of the tables.
func breaches(all []pkg) []string {
	var found []string
	imports := map[string][]string{}
	for _, p := range all {
		imports[p.ImportPath] = p.Imports
	}
	for _, p := range all {
		own, ours := strings.CutPrefix(p.ImportPath+"/", module)
		if own = strings.TrimSuffix(own, "/"); !ours || p.DepOnly {
			continue
		}
		i := slices.IndexFunc(rooms, func(r room) bool { return fits(r.path, own) })
		if i < 0 {
			found = append(found, own+" has no line in the table of rooms: who may it import, and why?")
			continue
		}
		r := rooms[i]
		for _, imported := range p.Imports {
			found = append(found, direct(r, own, imported, r.code, "")...)
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			found = append(found, direct(r, own, imported, r.code+" "+r.tests+" "+own, " in its tests")...)
		}
		found = append(found, distant(own, p.ImportPath, imports)...)
	}
	return found
}

// direct checks one import.
func direct(r room, own, imported, allowed, where string) []string {
	if what, ours := strings.CutPrefix(imported, module); ours {
		if !fits(allowed, what) {
			return []string{fmt.Sprintf("%s imports %s%s: %s", own, what, where, r.why)}
		}
		return nil
	}
	if !fits("*.*", imported) {
		return nil
	}
	i := slices.IndexFunc(libraries, func(l library) bool { return fits(l.path, imported) })
	switch {
	case i < 0:
		return []string{fmt.Sprintf("%s imports %s%s, which has no line in the table of libraries: who may import it, and why?", own, imported, where)}
	case !fits(libraries[i].code, own) && (where == "" || !fits(libraries[i].tests, own)):
		return []string{fmt.Sprintf("%s imports %s%s: %s", own, imported, where, libraries[i].why)}
	}
	return nil
}

// distant checks everything that a package is built of, and shows by which way.
func distant(own, from string, imports map[string][]string) []string {
	var found []string
	for _, d := range distances {
		if !fits(d.from, own) {
			continue
		}
		via := map[string]string{from: ""}
		for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
			for _, next := range imports[queue[0]] {
				if _, seen := via[next]; seen {
					continue
				}
				via[next] = queue[0]
				if !fits(d.never, strings.TrimPrefix(next, module)) {
					queue = append(queue, next)
				} else { // what lies behind it is its fault
					found = append(found, fmt.Sprintf("%s reaches %s: %s", own, way(next, via), d.why))
				}
			}
		}
	}
	return found
}

// way is how one package comes to another.
func way(to string, via map[string]string) string {
	steps := []string{}
	for at := to; at != ""; at = via[at] {
		steps = append(steps, strings.TrimPrefix(at, module))
	}
	slices.Reverse(steps)
	return strings.Join(steps[1:], " → ")
}
