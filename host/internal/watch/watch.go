// Package watch tells when the sources in a folder have changed. It hears of
// changes from the system and looks by itself as well, since mounted folders
// lose some; what counts is what the files hold, so that a file that is only
// touched, or written in several steps, is no change or one.
package watch

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is how long a folder must be left alone before it is looked at:
	// editors write a file in steps, and tools several files.
	quiet = 150 * time.Millisecond
	// lookEvery is how often it is looked at where no change is told.
	lookEvery = 2 * time.Second
)

// sources are the endings of files that a plugin is made of.
var sources = []string{".go", ".mod", ".sum", ".ts", ".json", ".svg", ".html", ".txt"}

// Folder follows one folder.
type Folder struct {
	dir     string
	watcher *fsnotify.Watcher // nil where the system has none
	every   time.Duration     // between looks where nothing is told
	seen    [sha256.Size]byte
}

// Open begins to follow a folder and those in it. Hidden folders and
// node_modules are left out.
func Open(dir string) (*Folder, error) {
	f := &Folder{dir: dir, every: lookEvery}
	var err error
	if f.seen, err = f.look(); err != nil {
		return nil, err
	}
	if w, err := fsnotify.NewWatcher(); err == nil { // else looking does it
		f.watcher = w
		return f, f.follow(dir)
	}
	return f, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error {
	if f.watcher == nil {
		return nil
	}
	return f.watcher.Close()
}

// Wait returns when the sources are others than at the last return, or at the
// beginning, and have been left alone for a moment. The error is ctx's, or says
// that the folder cannot be read.
func (f *Folder) Wait(ctx context.Context) error {
	look := time.NewTimer(f.every)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e, ok := <-f.events():
			if !ok {
				return errors.New("the folder is watched no more")
			}
			if f.grown(e) {
				look.Reset(quiet)
			}
		case <-look.C:
			now, err := f.look()
			if err != nil {
				return fmt.Errorf("look at %s: %w", f.dir, err)
			}
			if now != f.seen {
				f.seen = now
				return nil
			}
			look.Reset(f.every)
		}
	}
}

func (f *Folder) events() <-chan fsnotify.Event {
	if f.watcher == nil {
		return nil
	}
	return f.watcher.Events
}

// grown says whether an event may be about sources, and follows a folder that
// is new.
func (f *Folder) grown(e fsnotify.Event) bool {
	if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
		return !leftOut(e.Name) && f.follow(e.Name) == nil
	}
	return isSource(e.Name)
}

// follow watches a folder and those in it.
func (f *Folder) follow(dir string) error {
	return filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it went meanwhile
			return nil
		case err != nil || !d.IsDir():
			return err
		case at != dir && leftOut(at):
			return fs.SkipDir
		}
		return f.watcher.Add(at)
	})
}

// look sums up what all sources hold.
func (f *Folder) look() (sum [sha256.Size]byte, err error) {
	all := sha256.New()
	err = filepath.WalkDir(f.dir, func(at string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && at != f.dir: // it went meanwhile
			return nil
		case err != nil:
			return err
		case d.IsDir() && at != f.dir && leftOut(at):
			return fs.SkipDir
		case d.IsDir() || !isSource(at):
			return nil
		}
		text, err := os.ReadFile(at)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		one := sha256.Sum256(text)
		fmt.Fprintf(all, "%q %x\n", at, one)
		return err
	})
	return [sha256.Size]byte(all.Sum(nil)), err
}

// leftOut says whether a folder holds no sources of the plugin's own.
func leftOut(dir string) bool {
	name := filepath.Base(dir)
	return strings.HasPrefix(name, ".") || name == "node_modules"
}

// isSource says whether a file may be one. What begins with a dot is an
// editor's.
func isSource(file string) bool {
	return !strings.HasPrefix(filepath.Base(file), ".") && slices.Contains(sources, filepath.Ext(file))
}
