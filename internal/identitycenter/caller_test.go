package identitycenter

import "testing"

func TestParseCaller(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/jane@company.com": {"Power_User", "jane@company.com"},
		"arn:aws-cn:sts::111122223333:assumed-role/AWSReservedSSO_a_0123456789abcdef_0123456789abcdef/x":     {"a_0123456789abcdef", "x"},
		"arn:aws:sts::111122223333:assumed-role/Admin/AWSReservedSSO_x":                                      {"", ""},
		"arn:aws:iam::111122223333:user/jane":                                                                {"", ""},
	} {
		c := parseCaller("111122223333", arn)
		if got := [2]string{c.PermissionSet, c.UserName}; got != want {
			t.Errorf("%s: %v, want %v", arn, got, want)
		}
	}
}
