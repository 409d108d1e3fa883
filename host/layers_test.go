package host_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// rooms says who may import whom of this module: the table of the design, a
// line a room. The first line that fits a package is its line. In a pattern *
// is one folder and ... any number of them; a room's tests may import what its
// code may, the room itself, and what stands in their own column.
var rooms = []room{
	{"sdk/contract", "", "",
		"everything that crosses the sandbox is defined once, for hosts and guests of any make: it leans on nothing"},
	{"sdk/contract/hostfn", "sdk/contract", "",
		"what the host functions compute, the same in the host and in native tests of plugins"},
	{"sdk/contract/oauth1", "sdk/contract", "",
		"how hosts sign for plugins that ask for it, the same in the gateway and in the kit"},
	{"sdk/guest", "sdk/contract", "",
		"a plugin is compiled of this: it must stay small and know no host"},
	{"sdk/guest/guesttest", "sdk/contract sdk/guest sdk/conformance", "",
		"runs a plugin natively where the kit wants a Runner"},
	{"sdk/conformance", "sdk/contract sdk/contract/hostfn sdk/contract/oauth1", "sdk/guest sdk/guest/guesttest",
		"judges plugins and hosts by the contract alone, so it knows neither; its tests judge plugins that are broken on purpose"},
	{"sdk/conformance/worlds", "sdk/conformance sdk/conformance/worlds/*", "sdk/simulator",
		"lists the worlds by provider, one for each simulator"},
	{"sdk/conformance/worlds/browser", "", "",
		"goes a consumer's way through a simulator's pages"},
	{"sdk/conformance/worlds/*", "sdk/conformance sdk/conformance/worlds/browser sdk/contract sdk/simulator/control sdk/simulator/*", "",
		"a simulator as the kit guides it: it knows no plugin, and no host"},
	{"sdk/simulator", "sdk/simulator/...", "",
		"lists the simulators by name"},
	{"sdk/simulator/control", "", "",
		"what simulators share is none of a provider's protocol"},
	{"sdk/simulator/*", "sdk/simulator/control", "",
		"a simulator that shared code with a plugin would share its mistakes; it reads the provider's documents by itself"},

	{"plugins/internal/*/*test", "sdk/... host/plugintest plugins/internal/*", "",
		"what tests of a provider's plugins share is a test"},
	{"plugins/internal/*", "sdk/contract sdk/guest", "sdk/... host/plugintest plugins/internal/*/*test",
		"what the plugins of one provider share is a plugin's code too"},
	{"plugins/*", "sdk/contract sdk/guest plugins/internal/...", "sdk/... host/plugintest plugins/...",
		"a plugin speaks the contract and knows no host; its tests run it natively and in the host's sandbox"},
	{"platforms/*/adapter", "sdk/contract sdk/guest platforms/internal/paylink", "sdk/... host/plugintest",
		"a shop's adapter is a plugin"},
	{"platforms/internal/paylink", "", "",
		"what adapters share is as small as they are"},
	{"platforms/internal/shoptest", "host host/plugintest sdk/simulator sdk/simulator/*", "",
		"what tests of shops' extensions share is a test"},
	{"platforms/*", "", "host host/plugintest sdk/... platforms/internal/shoptest",
		"a shop's extension is written in the shop's language; its tests run that language's, and pay at the real house"},

	{"host/internal/order", "sdk/contract", "",
		"the domain is a pure function of the contract's types: no state, no network, no clock"},
	{"host/internal/checkout", "host/internal/order sdk/contract", "host/internal/store host/internal/seal",
		"use cases declare what they need; those who have it implement it; its tests run on the real store"},
	{"host/internal/view", "host/internal/order sdk/contract", "host/internal/httpapi/...",
		"how an order is shown to shops, in answers and notices alike; tests hold it to the API's document"},
	{"host/internal/sandbox", "sdk/contract", "",
		"runs bytes and knows no order: whatever it runs can be judged without the rest of the house"},
	{"host/internal/egress", "sdk/contract sdk/contract/oauth1", "",
		"one gate for all requests; who asks and why is not its business"},
	{"host/internal/call", "host/internal/checkout host/internal/order host/internal/sandbox host/internal/egress sdk/contract sdk/contract/hostfn",
		"host/internal/registry host/internal/store host/internal/seal host/plugintest sdk/guest",
		"joins rounds of the sandbox with answers of the gate, for checkout; its tests run it with the real ones"},
	{"host/internal/registry", "host/internal/call host/internal/checkout host/internal/order host/internal/sandbox sdk/contract sdk/contract/hostfn", "host/plugintest host/internal/store host/internal/seal",
		"loads versions and hands them to calls and to checkout"},
	{"host/internal/store", "host/internal/checkout host/internal/order host/internal/seal sdk/contract", "host/internal/store/...",
		"implements checkout's Store; what is to be decided was decided before"},
	{"host/internal/store/redistest", "", "",
		"real servers for anybody's tests"},
	{"host/internal/store/storetest", "host/internal/store host/internal/call host/internal/checkout host/internal/directory host/internal/order host/internal/registry host/internal/seal sdk/contract", "",
		"one suite for every implementation of the state, the calls' journal included"},
	{"host/internal/seal", "", "",
		"seals bytes, whatever they are"},
	{"host/internal/handover", "", "",
		"takes secrets from one side to another; what they are for is not its business"},
	{"host/internal/alarm", "host/internal/checkout", "",
		"runs what is due; what that means it is told"},
	{"host/internal/notice", "host/internal/checkout host/internal/order host/internal/egress sdk/contract", "",
		"takes events to shops through the gate"},
	{"host/internal/config", "host/internal/checkout sdk/contract", "",
		"implements checkout's Directory from a file"},
	{"host/internal/directory", "host/internal/checkout host/internal/config sdk/contract", "host/internal/seal host/internal/store",
		"implements checkout's Directory from a file and from the state beside it, by the file's rules"},
	{"host/internal/probe", "host/internal/checkout host/internal/notice sdk/contract", "",
		"tries a shop through those who serve it"},
	{"host/internal/telemetry", "host/internal/call host/internal/checkout host/internal/order host/internal/egress", "sdk/contract",
		"hears what calls and deliveries tell; nobody asks it anything"},
	{"host/internal/httpapi", "host/internal/checkout host/internal/order host/internal/view host/internal/httpapi/... sdk/contract", "",
		"a door: reads requests, asks checkout, shows what came of it"},
	{"host/internal/httpapi/*", "", "",
		"helpers of the door that know no order"},
	{"host/internal/pages", "host/internal/checkout host/internal/order host/internal/view sdk/contract", "",
		"a door, the consumer's"},
	{"host/internal/console", "host/internal/checkout host/internal/order host/internal/view host/internal/telemetry sdk/contract", "",
		"a door, the operators'; it shows what telemetry kept"},
	{"sdk/assemblyscript", "", "",
		"carries the SDK's sources for tools; it is no code"},
	{"host/internal/toolchain", "", "",
		"runs compilers on a developer's sources; what a plugin is it need not know"},
	{"host/internal/scaffold", "host/internal/toolchain sdk/assemblyscript", "sdk/contract",
		"writes files for developers; its tests hold names to the contract"},
	{"host/internal/adminclient", "", "",
		"the other end of the operators' door, which knows the API alone"},
	{"host/internal/artifact", "sdk/contract", "",
		"keeps bytes where images are kept; what they do is not its business"},
	{"host/internal/kit", "host/internal/sandbox sdk/conformance sdk/conformance/worlds sdk/contract", "host/plugintest",
		"joins the kit with the sandbox in which plugins run, for a program"},
	{"host/internal/watch", "", "",
		"tells that files changed; what they are is not its business"},
	{"host", "host/internal/* sdk/contract", "host/... sdk/...",
		"the only place that joins the rooms; its tests pay at simulators, with plugins that are built and not imported"},
	{"host/cmd/kassette", "host host/internal/adminclient host/internal/artifact host/internal/kit host/internal/scaffold host/internal/toolchain host/internal/watch sdk/conformance sdk/simulator sdk/contract", "host/internal/seal host/internal/store/redistest host/plugintest sdk/simulator/...",
		"the command line is the library's first user: what it needs, anybody can have, the tools of plugins' developers aside; it says the contract's version"},
	{"host/plugintest", "host/internal/sandbox sdk/conformance sdk/contract sdk/guest sdk/guest/guesttest", "host/plugintest/...",
		"lends the sandbox to tests outside the host, and the native run to compare with"},
	{"host/bench/...", "", "host/... sdk/...",
		"measures the real house; nothing is built on it"},
	{"host/chaos/...", "host sdk/contract", "host/... sdk/...",
		"breaks the real house; nothing is built on it"},

	{"examples/shop", "", "",
		"speaks the public API and nothing else, as any shop does"},
	{"examples/demo", "host sdk/simulator sdk/simulator/* examples/shop", "host/plugintest sdk/...",
		"everything in one process, through what everybody may import"},
	{"examples/embed", "host", "host/plugintest sdk/simulator/...",
		"shows what another program needs, which is the library alone"},
	{"examples/hello-plugin", "sdk/contract sdk/guest", "sdk/... host/plugintest",
		"a plugin like any other"},
	{"examples/hello-plugin/serve", "sdk/simulator/hello", "",
		"runs its provider"},
}

// libraries says which code and which tests may import what others wrote. The
// first line that fits an import is its line.
var libraries = []library{
	{"github.com/gin-gonic/gin", "host/internal/httpapi host/internal/pages host/internal/console host host/cmd/kassette examples/demo examples/embed", "host/...",
		"the router is the doors' and of who joins them; the two commands set its mode, which is the whole process's"},
	{"github.com/redis/go-redis/...", "host/internal/store host/internal/store/*", "",
		"state is changed by the store's scripts and nowhere else"},
	{"github.com/alicebob/miniredis/...", "host/internal/store", "",
		"the embedded state is the store's"},
	{"github.com/extism/go-sdk", "host/internal/sandbox", "",
		"the engine can be changed in one room, and its HTTP is never used"},
	{"github.com/tetratelabs/wazero/...", "host/internal/sandbox", "",
		"as Extism, which runs on it"},
	{"github.com/sony/gobreaker/...", "host/internal/egress", "", "the gate's breaker"},
	{"code.dny.dev/ssrf", "host/internal/egress", "", "the gate's address check"},
	{"github.com/standard-webhooks/standard-webhooks/...", "host/internal/notice examples/shop", "host/... examples/...",
		"who signs notices and who verifies them"},
	{"oras.land/oras-go/...", "host/internal/artifact", "", "OCI registries and layouts"},
	{"github.com/opencontainers/image-spec/...", "host/internal/artifact", "", "the types that oras speaks in"},
	{"github.com/alecthomas/kong", "host/cmd/kassette", "", "the command line"},
	{"github.com/oklog/run", "host/cmd/kassette examples/demo examples/embed", "", "programs that start and stop together"},
	{"github.com/knadh/koanf/...", "host/internal/config", "", "layers of the configuration"},
	{"github.com/go-viper/mapstructure/...", "host/internal/config", "", "koanf's decoder"},
	{"github.com/goccy/go-yaml/...", "host/internal/config host/internal/httpapi/openapi", "host/...", "YAML with line numbers"},
	{"github.com/prometheus/client_golang/...", "host/internal/telemetry", "host/...", "metrics are telemetry's"},
	{"github.com/santhosh-tekuri/jsonschema/...", "host/internal/registry host/internal/httpapi/openapitest", "sdk/contract host/...",
		"settings are held to a plugin's schema, answers in tests to the API's document"},
	{"github.com/Masterminds/semver/...", "host/internal/registry", "", "versions of plugins"},
	{"github.com/fsnotify/fsnotify", "host/internal/registry host/internal/watch", "", "who follows files: the plugin folder, and a developer's sources"},
	{"aead.dev/minisign", "host/internal/registry", "", "signatures of plugins are made and checked where plugins are loaded"},
	{"filippo.io/age/...", "host/internal/handover", "host/cmd/kassette", "files that only those they are for can read"},
	{"golang.org/x/term", "host/cmd/kassette", "", "asks without showing what is typed"},
	{"github.com/gowebpki/jcs", "host/internal/httpapi", "host/internal/httpapi/...", "fingerprints of requests"},
	{"github.com/oklog/ulid/...", "host/internal/checkout host/internal/httpapi", "", "ids"},
	{"github.com/google/uuid", "host/internal/checkout sdk/simulator/*", "sdk/...", "idempotency keys that are derived, and providers that use UUIDs"},
	{"github.com/nicksnyder/go-i18n/...", "host/internal/pages", "", "texts of the consumer's pages"},
	{"golang.org/x/text/...", "host/internal/pages host/internal/view host/internal/registry host/internal/httpapi examples/shop", "host/... examples/...",
		"languages are matched where texts are chosen; the domain knows none"},
	{"golang.org/x/net/...", "host/internal/egress", "host/... examples/...", "what net/http keeps to itself"},
	{"golang.org/x/sync/...", "host/internal/sandbox host/internal/registry host", "", "a place in the sandbox, a load once, two loops that end together"},
	{"golang.org/x/crypto/...", "sdk/contract/hostfn sdk/simulator/*", "sdk/...", "RIPEMD-160, which providers still sign with"},
	{"github.com/Rhymond/go-money", "", "sdk/contract", "an independent list of exponents"},
	{"github.com/invopop/jsonschema", "", "sdk/contract", "makes the schemas"},
	{"github.com/chromedp/...", "platforms/internal/shoptest", "...", "a real browser"},
	{"github.com/google/go-cmp/...", "", "...", "differences that can be read"},
	{"go.uber.org/goleak", "", "...", "goroutines that were left"},
	{"pgregory.net/rapid", "", "...", "random walks"},
}

// distances say what a room may not reach by any way: what its imports import
// counts too.
var distances = []distance{
	{"sdk/contract sdk/guest plugins/* plugins/internal/* platforms/*/adapter platforms/internal/paylink examples/hello-plugin", "*.* net net/http os/exec testing host/... sdk/simulator/...",
		"these are compiled into guests: a guest is small, and what it cannot do it does not link"},
	{"host/internal/order", "*.* net net/http os/exec log/slog math/rand/v2 crypto/rand testing",
		"the domain does no I/O and throws no dice"},
	{"sdk/simulator/...", "sdk/contract/... sdk/guest/... sdk/conformance plugins/... host/... testing",
		"a simulator is an independent reading of the provider's documents"},
	{"host/internal/checkout host/internal/view host/internal/httpapi host/internal/httpapi/* host/internal/pages host/internal/config host/internal/alarm host/internal/notice host/internal/egress host/internal/seal",
		"github.com/redis/go-redis/... github.com/extism/go-sdk github.com/tetratelabs/wazero/...",
		"use cases and doors can be tested, and read, without state and sandbox"},
	{"host/internal/store host/internal/sandbox host/internal/egress host/internal/call host/internal/registry", "github.com/gin-gonic/gin/...",
		"what is behind the doors knows no router"},
	{"sdk/conformance sdk/conformance/worlds sdk/conformance/worlds/*", "testing host/... plugins/... sdk/guest/...",
		"the kit runs in programs too, and judges any module: it holds nothing of tests and of this project's plugins"},
	{"host host/cmd/kassette examples/demo examples/shop examples/embed", "testing go.uber.org/goleak host/plugintest plugins/... platforms/...",
		"what is shipped holds nothing of tests, and no plugin: those come as files"},
}

// TestLayers holds what the go command says of every package against the
// tables above.
func TestLayers(t *testing.T) {
	t.Parallel()
	for _, target := range []struct {
		name     string
		env      []string
		packages []string
	}{
		{"native", nil, []string{"./..."}},
		{"wasip1", []string{"GOOS=wasip1", "GOARCH=wasm"}, []string{"./sdk/contract", "./sdk/guest", "./plugins/..."}},
	} {
		t.Run(target.name, func(t *testing.T) {
			t.Parallel()
			for _, breach := range breaches(goList(t, target.env, target.packages...)) {
				t.Error(breach)
			}
		})
	}
}

// TestLayers_breachIsFound gives the check packages that break a rule each.
func TestLayers_breachIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of   pkg
		want string
	}{
		"no line":                   {pkg{ImportPath: module + "host/internal/util"}, "has no line"},
		"another door":              {pkg{ImportPath: module + "host/internal/pages", Imports: []string{module + "host/internal/httpapi"}}, "the consumer's"},
		"the state behind the back": {pkg{ImportPath: module + "host/internal/httpapi", Imports: []string{module + "host/internal/store"}}, "a door"},
		"a plugin in the host":      {pkg{ImportPath: module + "host", Imports: []string{module + "plugins/ideal"}}, "the only place that joins"},
		"a plugin in a test":        {pkg{ImportPath: module + "host", XTestImports: []string{module + "plugins/ideal"}}, "the only place that joins"},
		"Redis elsewhere":           {pkg{ImportPath: module + "host/internal/checkout", Imports: []string{"github.com/redis/go-redis/v9"}}, "the store's scripts"},
		"Redis in a test elsewhere": {pkg{ImportPath: module + "host/internal/checkout", TestImports: []string{"github.com/redis/go-redis/v9"}}, "the store's scripts"},
		"a test's library in code":  {pkg{ImportPath: module + "host/internal/egress", Imports: []string{"go.uber.org/goleak"}}, "goroutines that were left"},
		"an unknown library":        {pkg{ImportPath: module + "host/internal/egress", Imports: []string{"example.com/http"}}, "has no line"},
		"a simulator of a plugin":   {pkg{ImportPath: module + "sdk/simulator/acme", Imports: []string{module + "sdk/guest"}}, "share its mistakes"},
		"far away":                  {pkg{ImportPath: module + "host/internal/order", Imports: []string{module + "sdk/contract"}}, "throws no dice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contract := pkg{ImportPath: module + "sdk/contract", Imports: []string{"sort"}, DepOnly: true}
			deep := pkg{ImportPath: "sort", Imports: []string{"crypto/rand"}, Standard: true, DepOnly: true}
			if got := breaches([]pkg{c.of, contract, deep}); !slices.ContainsFunc(got, func(b string) bool { return strings.Contains(b, c.want) }) {
				t.Errorf("got %q, want a breach that says %q", got, c.want)
			}
		})
	}
}

// TestEveryPackageHasADoc: a package says what it is for, where Go's tools look.
func TestEveryPackageHasADoc(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, nil, "./...") {
		if p.Standard || p.DepOnly || !strings.HasPrefix(p.ImportPath+"/", module) {
			continue
		}
		begins := "Package " + p.Name + " "
		if p.Name == "main" {
			begins = "Command " + p.ImportPath[strings.LastIndexByte(p.ImportPath, '/')+1:] + " "
		}
		if !strings.HasPrefix(p.Doc, begins) && !strings.HasPrefix(p.Doc, "Package "+p.Name+" ") {
			t.Errorf("%s: its doc begins with %.30q, want %q", p.ImportPath, p.Doc, begins)
		}
	}
}

// TestLayers_tablesHaveReasons: a line without a reason is an order, not a rule.
func TestLayers_tablesHaveReasons(t *testing.T) {
	t.Parallel()
	why := map[string]string{}
	for _, r := range rooms {
		why["room "+r.path] = r.why
	}
	for _, l := range libraries {
		why["library "+l.path] = l.why
	}
	for _, d := range distances {
		why["distance "+d.from] = d.why
	}
	for _, line := range slices.Sorted(maps.Keys(why)) {
		if why[line] == "" {
			t.Errorf("%s: no reason", line)
		}
	}
}
