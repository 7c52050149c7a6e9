package api

// getCallerIdentity needs no permission at all.
func getCallerIdentity(c *Call) (any, error) {
	return Out{"UserId": c.Caller.UserID, "Account": c.Caller.Account, "Arn": c.Caller.ARN}, nil
}
