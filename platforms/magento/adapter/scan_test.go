package main

import "testing"

// What the shop writes now as one, now as another, is read as it is meant.
func TestScan(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"state":"n\u00e9w\/","status":null,"entity_id":7}`: "néw/||7|", `{"entity_id":"7","items":[{"is_virtual":true}]}`: "||7|true", `{"items":[{"is_virtual":"1"},null,{}],"payment":null}`: "|||1",
		`{"items":[{"is_virtual":0}],"status":1.5,"unknown":{"a":[{}]}}`: "|1.5||0", `null`: "|||", `{"billing_address":"none","items":7}`: "|||",
	} {
		var d document
		ok := scan([]byte(in), func(s scanner) bool { d = s.document(); return true })
		got := d.State + "|" + d.Status + "|" + string(d.EntityID) + "|"
		if len(d.Items) > 0 {
			got += string(d.Items[0].Virtual)
		}
		if !ok || got != want || d.Billing != nil {
			t.Errorf("%s: got %q, %v, want %q", in, got, ok, want)
		}
	}
	for in, want := range map[string]string{`["Damrak 1","2nd floor"]`: "Damrak 1 2nd floor", `"Damrak 1"`: "Damrak 1", `null`: "", `[]`: "", `{"0":"a","2":"b"}`: "a b", `7`: "7"} {
		var d document
		if !scan([]byte(`{"billing_address":{"street":`+in+`,"city":"x"}}`), func(s scanner) bool { d = s.document(); return true }) || d.Billing.address().Street != want || d.Billing.City != "x" {
			t.Errorf("%s: got %q", in, d.Billing.Street)
		}
	}
	for _, in := range []string{``, `{`, `{"state":"a`, `{"items":[{}`, `{"items":[{},]}`, `{} {}`, `{"total_count":"many"}`, `<html>`} {
		if scan([]byte(in), func(s scanner) bool { _, _, ok := s.list(); return ok }) {
			t.Errorf("%s was taken for a list", in)
		}
	}
}
