package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// player plays a script, line by line:
//
//	# TEXT                    is told
//	show FILE                 shows a file
//	$ rolecall ...            is run as typed
//	exit CODE                 is what the command above it ends with; else 0
//	okta user NAME GIVEN FAMILY
//	okta group NAME USER...   are pushed over SCIM
//	okta rename OLD NEW
//	okta recreate NAME
//	aws assign SET ACCOUNT GROUP
//	aws unassign SET ACCOUNT GROUP    are done by hand, through AWS's API
type player struct {
	app  *app
	em   *emulator.Emulator
	okta *idp.Directory
	sso  *ssoadmin.Client
}

func newPlayer(a *app, url string, em *emulator.Emulator) (*player, error) {
	scim := em.SCIM()
	okta, err := idp.New(idp.Options{Kind: idp.Okta, Endpoint: url + strings.TrimSuffix(scim.Path, "/"), Token: scim.Token, SyncAll: true, Seed: 1})
	if err != nil {
		return nil, fmt.Errorf("start the demo's identity provider: %w", err)
	}
	return &player{app: a, em: em, okta: okta, sso: ssoadmin.New(ssoadmin.Options{
		BaseEndpoint: aws.String(url), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "emulator", ""),
	})}, nil
}

func (p *player) play(ctx context.Context, script string) error {
	lines := strings.Split(strings.TrimRight(script, "\n"), "\n")
	for i, line := range lines {
		if err := ctx.Err(); err != nil {
			return err
		}
		want := Done
		if i+1 < len(lines) {
			if code, found := strings.CutPrefix(lines[i+1], "exit "); found {
				n, err := strconv.Atoi(code)
				if err != nil {
					return fmt.Errorf("play %q: %w", lines[i+1], err)
				}
				want = ExitCode(n)
			}
		}
		if err := p.line(ctx, line, want); err != nil {
			return fmt.Errorf("play %q: %w", line, err)
		}
	}
	return nil
}

func (p *player) line(ctx context.Context, line string, want ExitCode) error {
	words := strings.Fields(line)
	switch {
	case len(words) == 0 || words[0] == "#":
		p.tell(line)
		return nil
	case words[0] == "exit":
		p.tell(fmt.Sprintf("(exit code %s)", words[1]))
		return nil
	case words[0] == "show":
		text, err := readFile(words[1])
		p.tell("\n" + strings.TrimRight(string(text), "\n"))
		return err
	case words[0] == "$":
		p.tell("\n" + line)
		return p.command(ctx, words[2:], want)
	}
	p.tell("> " + line)
	if words[0] == "okta" {
		return p.push(ctx, words[1], words[2:])
	}
	return p.byHand(ctx, words[1], words[2:])
}

func (p *player) tell(text string) { p.app.print([]byte(text + "\n")) }

// unpinned is the environment without the settings that pin a real company's: the
// story has an owner of its own.
func unpinned(name string) string {
	if name == settingsVariable {
		return ""
	}
	return os.Getenv(name)
}

// command runs a command line in this process. What it would write to stderr
// belongs to the story, too.
func (p *player) command(ctx context.Context, args []string, want ExitCode) error {
	if p.app.noColor {
		args = append(args, "--no-color")
	}
	sys := p.app.sys
	got := run(ctx, args, System{Stdin: strings.NewReader(""), Stdout: sys.Stdout, Stderr: sys.Stdout, Getenv: unpinned})
	if err := ctx.Err(); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("it ended with exit code %d, not %d", got, want)
	}
	return nil
}

// push changes the identity provider, which pushes to AWS at once.
func (p *player) push(ctx context.Context, action string, args []string) error {
	before := len(p.okta.Log())
	var err error
	switch action {
	case "user":
		_, err = p.okta.CreateUser(ctx, idp.User{UserName: args[0], GivenName: args[1], FamilyName: args[2]})
	case "group":
		err = p.pushGroup(ctx, args[0], args[1:])
	case "rename":
		err = p.withGroup(args[0], func(id string) error { return p.okta.RenameGroup(ctx, id, args[1]) })
	case "recreate":
		err = p.withGroup(args[0], func(id string) error {
			_, err := p.okta.RecreateGroup(ctx, id)
			return err
		})
	default:
		err = fmt.Errorf("okta does not know %q", action)
	}
	if err != nil {
		return err
	}
	for _, e := range p.okta.Log()[before:] {
		if e.Outcome == idp.Failure {
			return fmt.Errorf("push %s %q: HTTP %d: %s", e.ObjectType, e.Name, e.Status, e.Reason)
		}
	}
	return nil
}

func (p *player) withGroup(name string, do func(id string) error) error {
	group, ok := p.okta.FindGroup(name)
	if !ok {
		return fmt.Errorf("find group %q: %w", name, idp.ErrNotFound)
	}
	return do(group.ID)
}

func (p *player) pushGroup(ctx context.Context, name string, members []string) error {
	group, err := p.okta.CreateGroup(ctx, idp.Group{Name: name})
	if err != nil {
		return err
	}
	for _, m := range members {
		user, ok := p.okta.FindUser(m)
		if !ok {
			return fmt.Errorf("find user %q: %w", m, idp.ErrNotFound)
		}
		if err := p.okta.AddMember(ctx, group.ID, user.ID); err != nil {
			return err
		}
	}
	return nil
}

// byHand changes an assignment as somebody at AWS's console would, and waits
// until AWS has done it.
func (p *player) byHand(ctx context.Context, action string, args []string) error {
	state := p.em.State()
	instance := state.Instances[0]
	set := instance.PermissionSets[slices.IndexFunc(instance.PermissionSets, func(s emulator.StatePermissionSet) bool { return s.Name == args[0] })]
	account := state.Accounts[slices.IndexFunc(state.Accounts, func(a emulator.StateAccount) bool { return a.Name == args[1] })]
	group := instance.Groups[slices.IndexFunc(instance.Groups, func(g emulator.StateGroup) bool { return g.DisplayName == args[2] })]
	if action == "assign" {
		_, err := p.sso.CreateAccountAssignment(ctx, &ssoadmin.CreateAccountAssignmentInput{InstanceArn: &instance.ARN, PermissionSetArn: &set.ARN,
			TargetId: &account.ID, TargetType: ssotypes.TargetTypeAwsAccount, PrincipalId: &group.ID, PrincipalType: ssotypes.PrincipalTypeGroup})
		return err
	}
	_, err := p.sso.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{InstanceArn: &instance.ARN, PermissionSetArn: &set.ARN,
		TargetId: &account.ID, TargetType: ssotypes.TargetTypeAwsAccount, PrincipalId: &group.ID, PrincipalType: ssotypes.PrincipalTypeGroup})
	return err
}
