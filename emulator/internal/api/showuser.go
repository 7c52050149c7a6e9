package api

import (
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func showMeta(out Out, m store.Meta) Out {
	out["CreatedAt"], out["UpdatedAt"] = epoch(m.CreatedAt), epoch(m.UpdatedAt)
	return out.set("CreatedBy", m.CreatedBy).set("UpdatedBy", m.UpdatedBy)
}

// showUser is a person as the API shows one; extensions only where asked for.
func showUser(d *store.Directory, u *store.User, in Args) Out {
	status := "ENABLED"
	if !u.Active {
		status = "DISABLED"
	}
	out := showProfile(showMeta(Out{"UserId": u.ID, "IdentityStoreId": d.ID, "UserStatus": status}, u.Meta), u)
	showExternalID(out, d, u.ExternalID)
	if u.Enterprise != nil && slices.Contains(in.texts("Extensions"), enterpriseKey) {
		out["Extensions"] = Out{enterpriseKey: showEnterprise(u.Enterprise)}
	}
	return out
}

// showProfile adds what a person's entry says, extensions apart.
func showProfile(out Out, u *store.User) Out {
	out.set("UserName", u.UserName).set("DisplayName", u.DisplayName).set("NickName", u.NickName)
	out.set("ProfileUrl", u.ProfileURL).set("UserType", u.UserType).set("Title", u.Title)
	out.set("PreferredLanguage", u.PreferredLanguage).set("Locale", u.Locale).set("Timezone", u.Timezone)
	out.set("Website", u.Website).set("Birthdate", u.Birthdate)
	if name := showName(u.Name); len(name) > 0 {
		out["Name"] = name
	}
	showLists(out, u.Profile)
	return out
}

func showExternalID(out Out, d *store.Directory, id string) {
	if id != "" {
		out["ExternalIds"] = []any{Out{"Issuer": d.Issuer, "Id": id}}
	}
}

func showName(n store.Name) Out {
	return Out{}.set("Formatted", n.Formatted).set("FamilyName", n.FamilyName).set("GivenName", n.GivenName).
		set("MiddleName", n.MiddleName).set("HonorificPrefix", n.HonorificPrefix).set("HonorificSuffix", n.HonorificSuffix)
}

func showLists(out Out, p store.Profile) {
	showList(out, "Emails", p.Emails, func(e store.Email) Out {
		return Out{"Primary": e.Primary}.set("Value", e.Value).set("Type", e.Type)
	})
	showList(out, "PhoneNumbers", p.PhoneNumbers, func(e store.PhoneNumber) Out {
		return Out{"Primary": e.Primary}.set("Value", e.Value).set("Type", e.Type)
	})
	showList(out, "Roles", p.Roles, func(e store.Role) Out {
		return Out{"Primary": e.Primary}.set("Value", e.Value).set("Type", e.Type)
	})
	showList(out, "Photos", p.Photos, func(e store.Photo) Out {
		return Out{"Primary": e.Primary}.set("Value", e.Value).set("Type", e.Type).set("Display", e.Display)
	})
	showList(out, "Addresses", p.Addresses, func(e store.Address) Out {
		return Out{"Primary": e.Primary}.set("StreetAddress", e.StreetAddress).set("Locality", e.Locality).
			set("Region", e.Region).set("PostalCode", e.PostalCode).set("Country", e.Country).
			set("Formatted", e.Formatted).set("Type", e.Type)
	})
}

func showList[T any](out Out, name string, values []T, show func(T) Out) {
	if len(values) == 0 {
		return
	}
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, show(v))
	}
	out[name] = list
}

func showEnterprise(e *store.Enterprise) Out {
	out := Out{}
	for name, field := range enterpriseAttributes(e) {
		out.set(name, *field)
	}
	if e.Manager != "" {
		out["manager"] = Out{"value": e.Manager}
	}
	return out
}
