// Package call runs one plugin operation: it runs the plugin in rounds, has
// its requests sent, journals what must not be lost, and says in the end
// whether money may have moved.
//
// A round is a run of the plugin from the start with the answers so far.
// Nothing of the sandbox is held while a provider thinks. Before a request
// that is not a plain read leaves, an intent is written by the node that will
// send it; before the plugin runs on, the answer is. A call whose node is
// gone goes on from its journal on whichever node is alive.
package call
