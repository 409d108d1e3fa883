// Command serve runs Hello, the made-up provider, on an address of this machine.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/hello"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8083", "address to listen on")
	flag.Parse()
	if err := serve(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// serve answers until it is stopped.
func serve(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with -addr", addr, err)
	}
	base := "http://" + l.Addr().String()
	fmt.Printf("Hello is at %s. Stop with Ctrl-C.\n", base)
	p := hello.New(base, &http.Client{Timeout: 10 * time.Second}, time.Now)
	s := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	return s.Serve(l)
}
