package sandbox

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// moduleSandbox holds the functions that stand in the place of every import,
// under the import's name, and those that the rewrite imports.
const moduleSandbox = reserved + "sandbox"

// hostImport is a function that a guest may import, and what comes of it. The
// rewrite puts a function of its own before each, so that a call pays also
// when it goes through the table.
type hostImport struct {
	module, name string
	signature    signature
	absent       bool  // never called: it answers WASI's "not supported"
	cost         int64 // in fuel
	length       int   // 1 + the parameter that says how much there is to do; 0: none
	unit         int64 // fuel for each unit of that
	settles      bool  // the host charges for what it did afterwards
}

// Costs of imports in fuel. See opcode.go for the unit.
const (
	costDirect = 400    // answered in Go
	costKernel = 20_000 // through Extism's kernel module
	costSecret = 60_000
	costItem   = 240 // an item of a vector that the guest passes
	costRandom = 4   // a random byte
	costBlock  = 32  // a block that the kernel steps over to find a free one
	costCopied = 2   // a byte that the host copies
)

// kernel is a function of Extism's kernel. This package serves them all, also
// with Extism's SDK: the kernel trusts its callers, so a store may overwrite
// its list of blocks, and its walks over that list cannot be stopped. Whatever
// is stored or freed is held against the host's own account of the blocks.
func kernel(name string, s signature) hostImport {
	return hostImport{module: contract.ModuleKernel, name: name, signature: s, cost: costDirect}
}

// settling is one for which the host may charge more when it is done.
func settling(name string, s signature, cost int64) hostImport {
	h := kernel(name, s)
	h.cost, h.settles = cost, true
	return h
}

func secret(name contract.HostFunction) hostImport {
	return hostImport{module: contract.ModuleUser, name: string(name), signature: "I:I", cost: costSecret, settles: true}
}

func wasi(name string, s signature) hostImport {
	return hostImport{module: contract.ModuleWASI, name: name, signature: s, cost: costDirect}
}

// items is a function of WASI whose parameter at place length counts items.
func items(name string, s signature, length int, unit int64) hostImport {
	h := wasi(name, s)
	h.length, h.unit = length+1, unit
	return h
}

func absent(name string, s signature) hostImport {
	return hostImport{module: contract.ModuleWASI, name: name, signature: s, absent: true, cost: costCall}
}

var hostImports = []hostImport{
	kernel("input_length", ":I"),
	kernel("input_load_u8", "I:i"),
	kernel("input_load_u64", "I:I"),
	kernel("load_u8", "I:i"),
	kernel("load_u64", "I:I"),
	kernel("store_u8", "Ii:"),
	kernel("store_u64", "II:"),
	kernel("length", "I:I"),
	kernel("length_unsafe", "I:I"),
	kernel("output_set", "II:"),
	kernel("get_log_level", ":i"),
	settling("error_set", "I:", costDirect),
	settling("alloc", "I:I", costKernel),
	settling("free", "I:", costKernel),
	settling("log_trace", "I:", costKernel),
	settling("log_debug", "I:", costKernel),
	settling("log_info", "I:", costKernel),
	settling("log_warn", "I:", costKernel),
	settling("log_error", "I:", costKernel),

	secret(contract.SecretMAC),
	secret(contract.SecretDigest),
	secret(contract.VerifySignature),

	wasi("proc_exit", "i:"),
	wasi("args_get", "ii:i"),
	wasi("args_sizes_get", "ii:i"),
	wasi("environ_get", "ii:i"),
	wasi("environ_sizes_get", "ii:i"),
	wasi("clock_res_get", "ii:i"),
	wasi("clock_time_get", "iIi:i"),
	wasi("fd_close", "i:i"),
	wasi("fd_fdstat_get", "ii:i"),
	wasi("fd_fdstat_set_flags", "ii:i"),
	wasi("fd_prestat_get", "ii:i"),
	wasi("fd_seek", "iIii:i"),
	wasi("sched_yield", ":i"),
	items("fd_read", "iiii:i", 2, costItem),
	items("fd_write", "iiii:i", 2, costItem),
	items("poll_oneoff", "iiii:i", 2, costItem),
	items("random_get", "ii:i", 1, costRandom),

	absent("fd_advise", "iIIi:i"),
	absent("fd_allocate", "iII:i"),
	absent("fd_datasync", "i:i"),
	absent("fd_fdstat_set_rights", "iII:i"),
	absent("fd_filestat_get", "ii:i"),
	absent("fd_filestat_set_size", "iI:i"),
	absent("fd_filestat_set_times", "iIIi:i"),
	absent("fd_pread", "iiiIi:i"),
	absent("fd_prestat_dir_name", "iii:i"),
	absent("fd_pwrite", "iiiIi:i"),
	absent("fd_readdir", "iiiIi:i"),
	absent("fd_renumber", "ii:i"),
	absent("fd_sync", "i:i"),
	absent("fd_tell", "ii:i"),
	absent("path_create_directory", "iii:i"),
	absent("path_filestat_get", "iiiii:i"),
	absent("path_filestat_set_times", "iiiiIIi:i"),
	absent("path_link", "iiiiiii:i"),
	absent("path_open", "iiiiiIIii:i"),
	absent("path_readlink", "iiiiii:i"),
	absent("path_remove_directory", "iii:i"),
	absent("path_rename", "iiiiii:i"),
	absent("path_symlink", "iiiii:i"),
	absent("path_unlink_file", "iii:i"),
}

// importRemedies say what to do instead of an import that is refused: the
// first whose module and name begin so.
var importRemedies = []struct{ module, prefix, remedy string }{
	{contract.ModuleKernel, "http_", "a plugin does no I/O; ask for the request in its answer"},
	{contract.ModuleKernel, "config_", "settings come with the input"},
	{contract.ModuleKernel, "var_", "a plugin keeps nothing between calls but the state in its answer"},
	{contract.ModuleWASI, "sock_", "a plugin does no I/O; ask for the request in its answer"},
	{reserved, "", "names that begin with " + reserved + " are the host's"},
}

var importIndex = func() map[[2]string]*hostImport {
	index := make(map[[2]string]*hostImport, len(hostImports))
	for i := range hostImports {
		h := &hostImports[i]
		index[[2]string{h.module, h.name}] = h
	}
	return index
}()

// findImport looks an import up by name and signature.
func findImport(module, name string, s signature) (*hostImport, error) {
	if h := importIndex[[2]string{module, name}]; h != nil {
		if h.signature != s {
			return nil, refuse(RuleImport, "imports %s %s with signature %q instead of %q", module, name, s, h.signature)
		}
		return h, nil
	}
	remedy := "a plugin is given Extism's kernel, three functions on secrets and WASI without I/O"
	for _, r := range importRemedies {
		if strings.HasPrefix(module, r.module) && strings.HasPrefix(name, r.prefix) {
			remedy = r.remedy
			break
		}
	}
	return nil, refuse(RuleImport, "imports %s %s: %s", oneLine(module), oneLine(name), remedy)
}
