// Package telemetry is what the gateway tells of itself: a log without
// secrets, metrics with labels that have an end, and the story of a payment
// for those who want to see one go by.
package telemetry
