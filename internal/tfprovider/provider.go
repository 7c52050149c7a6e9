package tfprovider

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Options are what a test brings along; the zero value is what Terraform gets:
// the AWS SDK's standard chain.
type Options struct {
	Credentials aws.CredentialsProvider
	HTTPClient  aws.HTTPClient
}

// New returns what makes a provider, as providerserver wants it.
func New(version string, o Options) func() provider.Provider {
	return func() provider.Provider { return &rolecall{version: version, options: o} }
}

type rolecall struct {
	version string
	options Options
}

type providerModel struct {
	Owner       types.String `tfsdk:"owner"`
	Profile     types.String `tfsdk:"profile"`
	Region      types.String `tfsdk:"region"`
	InstanceARN types.String `tfsdk:"instance_arn"`

	Complete       types.Bool    `tfsdk:"complete"`
	MaxTPS         types.Float64 `tfsdk:"max_tps"`
	MaxOutstanding types.Int64   `tfsdk:"max_outstanding"`
}

func (p *rolecall) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName, resp.Version = "rolecall", p.version
}

func (p *rolecall) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages access to AWS accounts through AWS IAM Identity Center. " +
			"Credentials come from the AWS SDK's standard chain (`AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL`, ...); no argument takes a secret.",
		Attributes: map[string]schema.Attribute{
			"owner": schema.StringAttribute{Optional: true,
				MarkdownDescription: "The owner of what is created here: 1 to 18 letters, digits and dashes. It marks every permission set and group, so that nobody else's is touched. Resources may set another."},
			"profile": schema.StringAttribute{Optional: true, MarkdownDescription: "Profile of the AWS configuration. Default: `AWS_PROFILE`."},
			"region": schema.StringAttribute{Optional: true,
				MarkdownDescription: "Region of the IAM Identity Center instance. Default: that of the profile or `AWS_REGION`."},
			"instance_arn": schema.StringAttribute{Optional: true,
				MarkdownDescription: "The instance, if there are several organization instances."},
			"complete": schema.BoolAttribute{Optional: true,
				MarkdownDescription: "Look at everybody who has a permission set, no matter the cost: at most one call for each of its accounts. Otherwise this is done as long as it costs at most 200 more calls in total, or as many as the other reads, and `not_looked_at` says what was not looked at."},
			"max_tps": schema.Float64Attribute{Optional: true,
				MarkdownDescription: "Maximum calls per second to sso-admin, where AWS allows 20 to everybody together, and to the identity store. Default: 15 and 20."},
			"max_outstanding": schema.Int64Attribute{Optional: true,
				MarkdownDescription: "Maximum number of account assignment jobs at once. Default: 10, which is what AWS allows."},
		},
	}
}

func (p *rolecall) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if owner := m.Owner.ValueString(); owner != "" && !access.ValidOwner(owner) {
		resp.Diagnostics.AddAttributeError(path.Root("owner"), "the owner is not 1 to 18 letters, digits and dashes", "Choose a short name of the team, such as \"platform\".")
		return
	}
	for limit, negative := range map[string]bool{"max_tps": m.MaxTPS.ValueFloat64() < 0, "max_outstanding": m.MaxOutstanding.ValueInt64() < 0} {
		if negative {
			resp.Diagnostics.AddAttributeError(path.Root(limit), limit+" is negative", "Omit it to use what AWS's quotas allow.")
			return
		}
	}
	s := newSession(m.Owner.ValueString(), identitycenter.Options{
		Profile: m.Profile.ValueString(), Region: m.Region.ValueString(), InstanceARN: m.InstanceARN.ValueString(),
		Credentials: p.options.Credentials, HTTPClient: p.options.HTTPClient, MaxTPS: m.MaxTPS.ValueFloat64(),
	})
	s.complete = m.Complete.ValueBool()
	s.maxOutstanding = int(m.MaxOutstanding.ValueInt64())
	// Where something is not known yet, nothing can be asked of AWS: the plan
	// leaves what AWS decides unknown.
	s.unknown = slices.ContainsFunc([]attr.Value{m.Owner, m.Profile, m.Region, m.InstanceARN, m.Complete, m.MaxTPS, m.MaxOutstanding}, attr.Value.IsUnknown)
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = s, s, s
}

func (p *rolecall) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &groupResource{} },
		func() resource.Resource { return &groupResource{external: true} },
		func() resource.Resource { return &membersResource{} },
		func() resource.Resource { return &userResource{} },
		func() resource.Resource { return &removedUserResource{} },
	}
}

// DataSources returns what can be looked up.
func (p *rolecall) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		func() datasource.DataSource { return groupSource() },
		func() datasource.DataSource { return accountsSource() },
		func() datasource.DataSource { return statusSource() },
		func() datasource.DataSource { return accessSource() },
	}
}

// Functions returns the functions; they run without a configured provider.
func (p *rolecall) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		func() function.Function { return textFunction{setNameFunction()} },
		func() function.Function { return textFunction{groupNameFunction()} },
		func() function.Function { return keysFunction{} },
	}
}

// ListResources returns what `terraform query` can list, from Terraform 1.14 on.
func (p *rolecall) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		func() list.ListResource { return &groupList{} },
		func() list.ListResource { return &groupList{groupResource{external: true}} },
		func() list.ListResource { return &userList{} },
	}
}
