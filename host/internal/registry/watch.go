package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

const (
	// scanEvery is how often the folder is looked at where no change is told:
	// mounted folders lose changes.
	scanEvery = 2 * time.Second
	// settle is how long a file must be left alone before it is read: whoever
	// writes one writes it bit by bit.
	settle = 200 * time.Millisecond
)

// fileSeen is what is known of a file of the folder.
type fileSeen struct {
	size, signatureSize int64
	at, signatureAt     time.Time
	// sum is that of its bytes. digest and plugin are of the version that it held
	// last, problem is why it does not serve.
	sum, digest, plugin, problem string
}

// same says whether a file looks as it did.
func (f fileSeen) same(o fileSeen) bool {
	return f.size == o.size && f.signatureSize == o.signatureSize && f.at.Equal(o.at) && f.signatureAt.Equal(o.signatureAt)
}

// look sees how large and old a file and its signature are.
func look(file string) (s fileSeen) {
	if i, err := os.Stat(file); err == nil {
		s.size, s.at = i.Size(), i.ModTime()
	}
	if i, err := os.Stat(file + SignatureSuffix); err == nil {
		s.signatureSize, s.signatureAt = i.Size(), i.ModTime()
	}
	return s
}

// folder tells when to look at the plugin folder.
type folder struct {
	watcher *fsnotify.Watcher
	// change says whether something was told of, or nothing was for a while.
	change chan bool
	done   chan struct{}
}

// watch begins to follow the folder. With an error the folder is looked at
// every two seconds alone.
func (r *Registry) watch() (*folder, error) {
	f := &folder{change: make(chan bool, 1), done: make(chan struct{})}
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(r.options.Dir); err != nil {
			err = errors.Join(err, w.Close())
		} else {
			f.watcher = w
		}
	}
	go f.run()
	return f, err
}

func (f *folder) changed() <-chan bool { return f.change }

func (f *folder) close() {
	close(f.done)
	if f.watcher != nil {
		_ = f.watcher.Close() // nobody listens any more
	}
}

// run says that something may have changed: after what is told has settled,
// and every two seconds.
func (f *folder) run() {
	var events chan fsnotify.Event
	var errs chan error
	if f.watcher != nil {
		events, errs = f.watcher.Events, f.watcher.Errors
	}
	every := time.NewTicker(scanEvery)
	defer every.Stop()
	settled := time.NewTimer(settle)
	defer settled.Stop()
	for {
		told := false
		select {
		case <-f.done:
			return
		case err := <-errs:
			if err != nil { // something was lost: look
				settled.Reset(settle)
			}
			continue
		case _, ok := <-events:
			if ok {
				settled.Reset(settle)
			}
			continue
		case <-settled.C:
			told = true
		case <-every.C:
		}
		select {
		case before := <-f.change: // nobody has looked yet
			told = told || before
		default:
		}
		f.change <- told
	}
}

// scan looks at every file of the folder and takes in what is new. It is the
// operator's word: bytes that were there before count as new where the file
// held others. A file that is bad changes nothing, and is told of once. A file
// that looks as it did is read only if all are to be: copies keep times.
func (r *Registry) scan(ctx context.Context, all bool) {
	files, err := filepath.Glob(filepath.Join(r.options.Dir, "*.wasm"))
	if err != nil { // the pattern is the folder's name, which the start has read
		return
	}
	there := map[string]bool{}
	for _, file := range files {
		there[file] = true
		now := look(file)
		r.mu.Lock()
		was, known := r.files[file]
		r.mu.Unlock()
		if known && !all && was.same(now) || unsettled(now.at) || unsettled(now.signatureAt) {
			continue
		}
		r.takeFile(ctx, file, was, now)
	}
	r.forget(ctx, there)
}

// unsettled says whether somebody may still be writing.
func unsettled(at time.Time) bool {
	age := time.Since(at)
	return 0 <= age && age < settle/2
}

// takeFile has what a file holds now serve.
func (r *Registry) takeFile(ctx context.Context, file string, was, now fileSeen) {
	b, err := readModule(file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if now.sum = digestOf(b); now.sum == was.sum && was.same(now) {
		return
	}
	now.digest, now.plugin, now.problem = was.digest, was.plugin, ""
	if err == nil && digestOf(b) == was.digest && was.problem == "" && was.signatureAt.Equal(now.signatureAt) {
		r.saw(file, now)
		return
	}
	v, err := r.readFile(ctx, file)
	if err == nil {
		now.digest, now.plugin = v.Digest, v.Name
		err = r.serveFile(ctx, v)
	}
	if errors.Is(err, checkout.ErrUnavailable) {
		return // once more when the state is back
	}
	if err != nil {
		now.problem = err.Error()
		r.options.Logger.ErrorContext(ctx, "a plugin's file changed and cannot serve: what served before goes on", "file", file, "error", err)
	}
	r.saw(file, now)
}

// serveFile keeps a version that came by the folder and has it serve, unless it
// is older than the one that does, or was passed over: a file reaches the nodes'
// folders one after another, and the first may have shown that it is bad.
func (r *Registry) serveFile(ctx context.Context, v *version) error {
	file, by := v.file, "folder "+r.options.Dir
	came := arrival{source: fromFolder, by: by, signature: v.signature, text: v.text}
	v, err := r.add(ctx, v)
	if err != nil {
		return err
	}
	if err := r.fits(v); err != nil {
		return err
	}
	b, err := readModule(file)
	if err != nil {
		return err
	}
	if digestOf(b) != v.Digest {
		return errors.New("the file changed while it was loaded")
	}
	if _, err := r.keep(ctx, v, b, came); err != nil {
		return err
	}
	_, err = r.activate(ctx, steps{}, checkout.Activation{By: by, Unasked: true}, didActivate, &target{plugin: v.Name, choose: func(rec record) (recorded, error) {
		known, _ := rec.find(v.Digest)
		if known.Passed != "" && known.Reason != fileGone {
			return known, fmt.Errorf("%s@%s was passed over (%s), and by a file alone it does not come back: if you mean it, kassette plugin activate %s %s",
				v.Name, known.Version, known.Passed, v.Name, known.Digest[:minDigest])
		}
		return known, nil
	}})
	return err
}

func (r *Registry) saw(file string, s fileSeen) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[file] = s
}

// forget strikes off files that are there no more. What they held serves
// until the next start: whoever replaces a file may take it away first.
func (r *Registry) forget(ctx context.Context, there map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for file, seen := range r.files {
		if !there[file] {
			delete(r.files, file)
			r.options.Logger.WarnContext(ctx, "a plugin's file is gone: its methods stay until the next start, or until kassette plugin retire", "file", file, "plugin", seen.plugin)
		}
	}
}
