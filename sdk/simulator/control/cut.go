package control

import (
	"net"
	"net/http"
)

// cut ends the connection without an answer: by a TCP reset where the
// connection can be had, else by an answer that breaks off.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.Header().Set("Content-Length", "1000000") // announced and never sent: the server must close the connection
		w.WriteHeader(http.StatusOK)
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the connection is closed in order, which is a fault as well
	}
	_ = conn.Close()
}
