package main

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// tolerance is by how much a message's time may be off, and most how many of its
// signatures are looked at: there are two while secrets are replaced.
const (
	tolerance = 5 * time.Minute
	most      = 4
)

// message is what the shop's module sends (platforms/magento/README.md).
type message struct {
	kind    string
	command *contract.Command
	order   *document
}

func (s scanner) message() (m message) {
	for name := range s.Members {
		switch name {
		case "type":
			m.kind = string(s.scalar())
		case "data":
			for name := range s.Members {
				switch name {
				case "command":
					m.command = s.command()
				case "order":
					d := s.document()
					m.order = &d
				default:
					s.Skip()
				}
			}
		default:
			s.Skip()
		}
	}
	return m
}

func (s scanner) command() *contract.Command {
	c := &contract.Command{}
	for name := range s.Members {
		switch name {
		case "type":
			c.Type = string(s.scalar())
		case "reference":
			c.Reference = string(s.scalar())
		default:
			s.Skip()
		}
	}
	return c
}

// What a message can be.
const (
	typePing    = "ping"
	typePlaced  = "order.placed"
	typeCancel  = "order.cancel"
	typeCapture = "order.capture"
)

// commandOf is the command of each message that holds one.
var commandOf = map[string]string{typeCancel: contract.CommandCancel, typeCapture: contract.CommandCapture}

// ReadOrder reads a message of the shop's module, signed like a notice after the
// Standard Webhooks specification: a command, an order whole, or a ping. The same
// one again asks for the same.
func (provider) ReadOrder(c *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	none := contract.ReadOrderResult{}
	s, err := readSettings(c)
	if err != nil {
		return none, err
	}
	if err := verify(c, in.Message); err != nil {
		return none, err
	}
	var m message
	if !scan(in.Message.Bytes(), func(s scanner) bool { m = s.message(); return true }) {
		return none, invalid("the message is not JSON as the module writes it")
	}
	out := contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200, ContentType: "application/json", Body: "{}"}}
	switch m.kind {
	case typePing:
	case typePlaced:
		if m.order == nil {
			return none, invalid("the message of a placed order holds none")
		}
		out.Order, err = m.order.request(&s, c.Now())
	case typeCancel, typeCapture:
		out.Commands, err = m.commands()
	default:
		return none, failure(contract.Unsupported, "messages of type "+clean(m.kind, 40)+" are not known here: is the module newer than the adapter?")
	}
	if err != nil {
		return none, err
	}
	return out, nil
}

// commands reads the one command of a message, whose parts must agree.
func (m message) commands() ([]contract.Command, error) {
	command, order := m.command, m.order
	switch {
	case command == nil || command.Reference == "":
		return nil, invalid("the message holds no command with a reference")
	case command.Type != commandOf[m.kind]:
		return nil, invalid("the message is of type " + m.kind + " and its command another")
	case order != nil && order.IncrementID != "" && string(order.IncrementID) != command.Reference:
		return nil, invalid("the message's command and order have different numbers")
	}
	return []contract.Command{*command}, nil
}

// verify checks time and signature: HMAC-SHA256 over id, timestamp and body, joined
// by points, in base64 behind "v1,".
func verify(c *guest.Call, m contract.Message) error {
	id, stamp := m.Header("webhook-id"), m.Header("webhook-timestamp")
	seconds, err := strconv.ParseUint(stamp, 10, 40)
	if id == "" || err != nil {
		return forged("it has no webhook-id, or no webhook-timestamp in seconds")
	}
	if off := c.Now().Sub(time.Unix(int64(seconds), 0)).Abs(); off > tolerance {
		return forged("it was signed more than five minutes ago, or in the future: compare the clocks")
	}
	if !c.HasSecret(envelope) {
		return failure(contract.InvalidSettings, "envelope_secret is missing: copy the notice secret that the shop's module has")
	}
	for _, name := range []string{envelope, oldEnvelope} {
		if !c.HasSecret(name) {
			continue
		}
		request := contract.MACRequest{
			Algorithm: contract.SHA256, Key: secret(name), KeyEncoding: contract.KeyBase64,
			Data: contract.Parts{contract.Lit(id + "." + stamp + ".")}, DataBase64: m.Bytes(),
		}
		for n, one := range strings.Fields(m.Header("webhook-signature")) {
			text, v1 := strings.CutPrefix(one, "v1,")
			sum, err := base64.StdEncoding.DecodeString(text)
			if n == most || !v1 || err != nil {
				continue
			}
			err = c.CheckMAC(request, sum)
			if failed(err, contract.BadSignature) == nil {
				return err
			}
		}
	}
	return forged("no signature is of the notice secret")
}

func invalid(message string) error {
	return failure(contract.InvalidRequest, message)
}

func forged(why string) error {
	return failure(contract.BadSignature, "the shop's message cannot be trusted: "+why)
}
