package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// store is a registry in small: what the distribution specification asks of a
// pull and of a push in one piece.
type store struct {
	*httptest.Server
	mu    sync.Mutex
	blobs map[string][]byte // by digest
	tags  map[string]string
	kinds map[string]string // media types of manifests
	// change alters what is given out under a digest.
	change func(digest string, b []byte) []byte
	// key, if set, is asked for.
	key string
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{blobs: map[string][]byte{}, tags: map[string]string{}, kinds: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/shop/hello/blobs/uploads/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/v2/shop/hello/blobs/uploads/1")
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("PUT /v2/shop/hello/blobs/uploads/1", func(w http.ResponseWriter, r *http.Request) { s.take(w, r, "") })
	mux.HandleFunc("PUT /v2/shop/hello/manifests/{tag}", func(w http.ResponseWriter, r *http.Request) { s.take(w, r, r.PathValue("tag")) })
	mux.HandleFunc("GET /v2/shop/hello/{kind}/{name}", s.give)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.key != "" && r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *store) take(w http.ResponseWriter, r *http.Request, tag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, _ := io.ReadAll(r.Body)
	sum := sha256.Sum256(b)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	s.blobs[digest] = b
	if tag != "" {
		s.tags[tag], s.kinds[digest] = digest, r.Header.Get("Content-Type")
	}
	w.Header().Set("Docker-Content-Digest", digest)
	w.WriteHeader(http.StatusCreated)
}

func (s *store) give(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	digest := r.PathValue("name")
	if tagged, ok := s.tags[digest]; ok {
		digest = tagged
	}
	b, ok := s.blobs[digest]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if s.change != nil {
		b = s.change(digest, b)
	}
	if kind := s.kinds[digest]; kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	w.Header().Set("Docker-Content-Digest", digest)
	_, _ = w.Write(b)
}

// ref names what is there under a tag.
func (s *store) ref(tag string) string {
	return "oci://" + strings.TrimPrefix(s.URL, "http://") + "/shop/hello:" + tag
}
