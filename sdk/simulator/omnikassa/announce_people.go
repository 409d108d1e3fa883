package omnikassa

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Address is a shipping or billing address. The members of iDEAL fast checkout's
// addresses have the same names.
type Address struct {
	FirstName           string `json:"firstName,omitempty"`
	MiddleName          string `json:"middleName,omitempty"`
	LastName            string `json:"lastName"`
	Street              string `json:"street"`
	HouseNumber         string `json:"houseNumber,omitempty"`
	HouseNumberAddition string `json:"houseNumberAddition,omitempty"`
	PostalCode          string `json:"postalCode"`
	City                string `json:"city"`
	CountryCode         string `json:"countryCode"`
}

// Customer is what an announce tells of the consumer; everything is optional.
type Customer struct {
	EmailAddress    string `json:"emailAddress,omitempty"`
	DateOfBirth     string `json:"dateOfBirth,omitempty"` // DD-MM-YYYY
	Gender          string `json:"gender,omitempty"`      // M, F or O
	Initials        string `json:"initials,omitempty"`
	TelephoneNumber string `json:"telephoneNumber,omitempty"`
	FullName        string `json:"fullName,omitempty"`
}

func (a *Announcement) readPeople(f fields) (e *apiError) {
	if a.Shipping, e = readAddress(f, "shippingDetail"); e != nil {
		return e
	}
	if a.Billing, e = readAddress(f, "billingDetail"); e != nil {
		return e
	}
	a.Customer, e = readCustomer(f)
	return e
}

// readAddress cuts what is too long and refuses what is missing.
func readAddress(parent fields, name string) (*Address, *apiError) {
	f, e := parent.object(name)
	if e != nil || f == nil {
		return nil, e
	}
	a := &Address{}
	for _, m := range []struct {
		name     string
		max      int
		into     *string
		required string // the error text if it is missing
	}{
		{"firstName", 50, &a.FirstName, ""},
		{"middleName", 20, &a.MiddleName, ""},
		{"lastName", 50, &a.LastName, "the last name is required"},
		{"street", 100, &a.Street, "the street is required"},
		{"houseNumber", 100, &a.HouseNumber, ""},
		{"houseNumberAddition", 6, &a.HouseNumberAddition, ""},
		{"postalCode", 10, &a.PostalCode, "the postal code is required"},
		{"city", 40, &a.City, "city is required"},
		{"countryCode", 2, &a.CountryCode, "the country code is required"},
	} {
		text, e := f.text(m.name)
		if e != nil {
			return nil, e
		}
		if m.required != "" && strings.TrimSpace(text) == "" {
			return nil, invalid(m.required)
		}
		if m.name == "countryCode" && !countryCode.MatchString(text) {
			return nil, invalid("the country code should be an ISO 3166-1 alpha-2 code")
		}
		*m.into = cutText(text, m.max)
	}
	if form, ok := postalCodes[strings.ToUpper(a.CountryCode)]; ok && !form.MatchString(a.PostalCode) {
		return nil, invalid("the postal code is not valid for the country")
	}
	return a, nil
}

var (
	countryCode = regexp.MustCompile(`^[A-Za-z]{2}$`)
	// The bank takes a Dutch code with a blank as well.
	postalCodes = map[string]*regexp.Regexp{
		"NL": regexp.MustCompile(`^[0-9]{4} ?[A-Za-z]{2}$`),
		"BE": regexp.MustCompile(`^[0-9]{4}$`),
		"DE": regexp.MustCompile(`^[0-9]{5}$`),
	}
)

func readCustomer(parent fields) (*Customer, *apiError) {
	f, e := parent.object("customerInformation")
	if e != nil || f == nil {
		return nil, e
	}
	c := &Customer{}
	for _, m := range []struct {
		name string
		max  int
		into *string
	}{
		{"emailAddress", 45, &c.EmailAddress},
		{"dateOfBirth", maxAnnounce, &c.DateOfBirth},
		{"gender", maxAnnounce, &c.Gender},
		{"initials", 256, &c.Initials},
		{"telephoneNumber", 31, &c.TelephoneNumber},
		{"fullName", 128, &c.FullName},
	} {
		if *m.into, e = f.cut(m.name, m.max); e != nil {
			return nil, e
		}
	}
	if c.DateOfBirth != "" {
		if _, err := time.Parse("02-01-2006", c.DateOfBirth); err != nil {
			return nil, invalid("the date of birth should be written as DD-MM-YYYY")
		}
	}
	if !slices.Contains([]string{"", "M", "F", "O"}, c.Gender) {
		return nil, invalid("the gender should be one of: [M, F, O]")
	}
	return c, nil
}
