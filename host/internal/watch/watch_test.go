package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.every = 2 * quiet
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// told says whether a change is told.
func told(t *testing.T, f *Folder) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), f.every+3*quiet)
	defer cancel()
	err := f.Wait(ctx)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return err == nil
}

func TestOpen_bad(t *testing.T) {
	t.Parallel()
	if _, err := Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
}

// What changes sources is told once, and nothing else is.
func TestWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		want   bool
	}{
		"nothing":        {func(*testing.T, string) {}, false},
		"a file":         {func(t *testing.T, dir string) { save(t, dir+"/main.go", "two") }, true},
		"the same again": {func(t *testing.T, dir string) { save(t, dir+"/main.go", "one") }, false},
		"what was built": {func(t *testing.T, dir string) { save(t, dir+"/a.wasm", "two"); save(t, dir+"/.build-1/a.go", "two") }, false},
		"other people's": {func(t *testing.T, dir string) {
			save(t, dir+"/node_modules/a/b.ts", "two")
			save(t, dir+"/.a.go", "two")
		}, false},
		"a new folder":  {func(t *testing.T, dir string) { save(t, dir+"/provider/deep/a.go", "two") }, true},
		"an old folder": {func(t *testing.T, dir string) { save(t, dir+"/sub/a.go", "two") }, true},
		"another name":  {func(t *testing.T, dir string) { rename(t, dir+"/main.go", dir+"/other.go") }, true},
		"in an editor's way": {func(t *testing.T, dir string) {
			save(t, dir+"/main.go~", "two")
			rename(t, dir+"/main.go~", dir+"/main.go")
		}, true},
		"it is gone": {func(t *testing.T, dir string) { remove(t, dir+"/sub") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			save(t, dir+"/main.go", "one")
			save(t, dir+"/sub/a.go", "one")
			f := open(t, dir)
			c.change(t, dir)
			if got := told(t, f); got != c.want {
				t.Errorf("told %v, want %v", got, c.want)
			}
			if c.want && told(t, f) {
				t.Error("it is told twice")
			}
		})
	}
}

// Many saves at once are one change.
func TestWait_many(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := open(t, dir)
	for i := range 50 {
		save(t, filepath.Join(dir, string(rune('a'+i%26))+".go"), time.Duration(i).String())
	}
	if !told(t, f) || told(t, f) {
		t.Error("fifty saves are not one change")
	}
}

// Where the system tells nothing, looking finds it.
func TestWait_withoutEvents(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := open(t, dir)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.watcher = nil
	save(t, dir+"/main.go", "one")
	if !told(t, f) {
		t.Error("a change is not found")
	}
	remove(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := f.Wait(ctx); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that the folder is gone", err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}
