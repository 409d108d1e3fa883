package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// FileError says what is wrong with a plugin's file.
type FileError struct {
	File string
	Err  error
}

// Error names the file.
func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ErrTwice: two files say that they are the same version and are not.
var ErrTwice = errors.New("another file has this version with other bytes: raise the version or remove one of them")

// fileGone is why a version was retired whose file was taken away.
const fileGone = "its file was taken out of the folder"

// readDir loads and proves every .wasm file of the folder: the versions of
// each plugin, the newest first.
func (r *Registry) readDir(ctx context.Context) (map[string][]*version, error) {
	if _, err := os.Stat(r.options.Dir); err != nil {
		return nil, fmt.Errorf("plugin folder: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(r.options.Dir, "*.wasm"))
	if err != nil {
		return nil, fmt.Errorf("plugin folder %s: %w", r.options.Dir, err)
	}
	found := map[string][]*version{}
	var errs []error
	for _, file := range files {
		seen := look(file)
		v, err := r.readFile(ctx, file)
		if err == nil {
			seen.sum, seen.digest, seen.plugin = v.Digest, v.Digest, v.Name
			r.files[file] = seen
			err = r.enter(ctx, v, found)
		}
		if err != nil {
			errs = append(errs, &FileError{File: file, Err: err})
		}
	}
	return found, errors.Join(errs...)
}

// readFile loads and proves one file. Nothing of it is looked at before its
// signature holds.
func (r *Registry) readFile(ctx context.Context, file string) (*version, error) {
	b, err := readModule(file)
	if err != nil {
		return nil, err
	}
	text, signature, err := r.trust.check(file, b)
	if err != nil && (!r.options.AllowUnsigned || !errors.Is(err, ErrUnsigned)) {
		return nil, err
	}
	v, err := r.build(ctx, filepath.Base(file), b)
	if err != nil {
		return nil, err
	}
	v.file, v.text, v.signature = file, text, signature
	r.mu.Lock()
	rec := r.records[v.Name]
	r.mu.Unlock()
	err = r.trust.allows(signature, v.Name)
	if err == nil {
		err = r.checkFolderGrant(v, rec)
	}
	if err == nil {
		err = v.prove(ctx)
	}
	if err == nil {
		err = v.conform(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, v.module.Close(ctx))
	}
	return v, nil
}

// enter takes a version in, unless it is there or contradicts one that is.
func (r *Registry) enter(ctx context.Context, v *version, found map[string][]*version) error {
	for _, other := range found[v.Name] {
		if other.Digest == v.Digest {
			r.options.Logger.WarnContext(ctx, "the same plugin twice", "plugin", v.Name, "version", v.Plugin.Version, "file", v.file, "other", other.file)
			return v.module.Close(ctx)
		}
		if other.Plugin.Version == v.Plugin.Version {
			return errors.Join(fmt.Errorf("%s@%s is also in %s: %w", v.Name, v.Plugin.Version, other.file, ErrTwice), v.module.Close(ctx))
		}
	}
	if _, err := r.add(ctx, v); err != nil {
		return err
	}
	found[v.Name] = append(found[v.Name], v)
	slices.SortStableFunc(found[v.Name], func(a, b *version) int { return compareVersions(b.Plugin.Version, a.Plugin.Version) })
	return nil
}

// plan says which plugins' active versions the start changes, and to which; nil
// for none. What an operator decided is not undone: a file changes something
// where its bytes were never seen, or were kept by a node that ended before
// they served, or come back after they were taken away.
func (r *Registry) plan(ctx context.Context, found map[string][]*version) (map[string]*version, error) {
	plan := map[string]*version{}
	for name, versions := range found {
		rec, v := r.records[name], versions[0]
		known, seen := rec.find(v.Digest)
		active, serves := rec.find(rec.Active)
		switch {
		case seen && !rec.undecided(known) && (serves || known.Reason != fileGone):
		case serves && older(v.Plugin.Version, active.Version):
			r.options.Logger.WarnContext(ctx, "a file is older than what is active, and changes nothing", "file", v.file, "plugin", name, "version", v.Plugin.Version, "active", active.Version)
		default:
			plan[name] = v
		}
	}
	others, err := r.others(ctx)
	if err != nil {
		return nil, err
	}
	for name, rec := range r.records {
		active, ok := rec.find(rec.Active)
		if !ok || active.Source != fromFolder || len(found[name]) > 0 {
			continue
		}
		if i := slices.IndexFunc(others, func(n checkout.PluginNode) bool { return slices.Contains(n.Folder, name) }); i >= 0 {
			r.options.Logger.WarnContext(ctx, "this node's folder lacks a plugin that another node's has: it stays active", "plugin", name, "node", others[i].ID)
			continue
		}
		plan[name] = nil
	}
	return plan, nil
}

// carryOut writes what the start changes into the state: first the bytes of
// every version, so that they are there before the first payment uses them.
func (r *Registry) carryOut(ctx context.Context, found map[string][]*version, plan map[string]*version) error {
	for _, versions := range found {
		for _, v := range slices.Backward(versions) { // the newest last: the latest installed
			if err := r.keepFile(ctx, v); err != nil {
				return &FileError{File: v.file, Err: fmt.Errorf("keep the bytes of %s@%s: %w", v.Name, v.Plugin.Version, err)}
			}
		}
	}
	for name, v := range plan {
		if err := r.replaceFile(ctx, name, v); err != nil {
			return fmt.Errorf("activate plugin %s: %w", name, err)
		}
	}
	return nil
}

func (r *Registry) keepFile(ctx context.Context, v *version) error {
	b, err := readModule(v.file)
	if err != nil {
		return err
	}
	if digestOf(b) != v.Digest {
		return errors.New("the file changed while it was loaded; start again")
	}
	came := arrival{source: fromFolder, by: "folder " + r.options.Dir, signature: v.signature, text: v.text}
	if _, err := r.keep(ctx, v, b, came); err != nil {
		return err
	}
	r.options.Logger.InfoContext(ctx, "plugin loaded", "plugin", v.Name, "version", v.Plugin.Version, "digest", v.Digest, "file", v.file, "signed", v.signature.State, "signer", v.signature.Signer)
	return nil
}

// replaceFile has what the folder holds of a plugin serve; nil is nothing.
func (r *Registry) replaceFile(ctx context.Context, name string, v *version) error {
	change := checkout.PluginChange{At: r.now(), By: "folder " + r.options.Dir, What: didActivate}
	return r.edit(ctx, name, func(rec record) (record, bool, error) {
		active, serves := rec.find(rec.Active)
		switch {
		case v == nil && (!serves || active.Source != fromFolder) || v != nil && rec.Active == v.Digest:
			return rec, false, nil
		case v != nil && serves && older(v.Plugin.Version, active.Version): // another node was quicker
			return rec, false, nil
		case v == nil:
			change.What, change.Reason = didRetire, fileGone
			return rec.pass(rec.Active, "", change), true, nil
		}
		return rec.activate(v.Digest, change), true, nil
	})
}

// readModule reads a file of at most the size that is admitted.
func readModule(file string) ([]byte, error) {
	b, err := readAtMost(file, contract.MaxModule)
	if errors.Is(err, errTooLarge) {
		return nil, fmt.Errorf("%w: strip it (in Go: -ldflags \"-s -w\")", err)
	}
	return b, err
}
