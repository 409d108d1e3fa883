// Package assemblyscript carries the SDK for plugins in AssemblyScript, for
// tools that put it beside a plugin. It holds no code in Go.
package assemblyscript

import "embed"

// Sources are the SDK's own files: *.ts, asconfig.json and package.json, which
// names the version of the compiler.
//
//go:embed *.ts asconfig.json package.json
var Sources embed.FS
