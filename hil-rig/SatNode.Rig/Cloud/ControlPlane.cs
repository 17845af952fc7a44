using System.Security.Cryptography;
using System.Text;
using SatNode.Rig.Boards.Resources;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Cloud;

/// <summary>A real Kubernetes control plane on loopback: etcd and kube-apiserver, with authorization on, SatNode's resources and rights, and a kubeconfig
/// for each account. Disposed, nothing of it is left but its folder.</summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    /// <summary>The ground station's bridge, as <c>ground-station/deploy/rbac</c> names it.</summary>
    public const string Bridge = "satnode-bridge";

    /// <summary>Polaris' SLO controller.</summary>
    public const string SloController = "polaris-slo-controller";

    /// <summary>Polaris' elasticity controller.</summary>
    public const string ElasticityController = "polaris-elasticity-controller";

    /// <summary>Who may do everything: the bench itself.</summary>
    public const string Administrator = "admin";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Accounts = [Administrator, Bridge, SloController, ElasticityController];

    private readonly CloudTools _tools;
    private readonly string _folder;
    private readonly TimeProvider _machine;
    private readonly Dictionary<string, string> _tokens = Accounts.ToDictionary(account => account, _ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), StringComparer.Ordinal);
    private SupervisedProcess? _etcd;
    private SupervisedProcess? _server;
    private KubeClient? _client;

    private ControlPlane(CloudTools tools, string folder, TimeProvider machine) => (_tools, _folder, _machine) = (tools, folder, machine);

    /// <summary>Where the API server listens.</summary>
    public Uri Server { get; private set; } = new("https://127.0.0.1");

    /// <summary>The administrator's client.</summary>
    public KubeClient Client => _client ?? throw new InvalidOperationException("the API server is not up");

    /// <summary>The API server's record of who wrote what, a line of JSON each.</summary>
    public string AuditLog => Path.Combine(_folder, "audit.log");

    /// <summary>Faults when a part was given up.</summary>
    public Task Kept { get; private set; } = Task.CompletedTask;

    /// <summary>The kubeconfig of an account.</summary>
    public string Kubeconfig(string account) => Path.Combine(_folder, $"{account}.kubeconfig");

    /// <summary>Starts it and waits until it serves SatNode's and Polaris' resources.</summary>
    /// <param name="tools">The programs.</param>
    /// <param name="folder">Where data, keys and logs go; must be empty and readable by its owner alone.</param>
    /// <param name="machine">The machine's clock.</param>
    /// <param name="cancellation">Ends the start, and what was started.</param>
    /// <exception cref="FlightException">It did not come up.</exception>
    public static async Task<ControlPlane> Start(CloudTools tools, string folder, TimeProvider machine, CancellationToken cancellation)
    {
        var plane = new ControlPlane(tools, folder, machine);
        try
        {
            await plane.Start(cancellation);
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the API server, then etcd. Clients should have ended before: the API server waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        foreach (SupervisedProcess process in ((SupervisedProcess?[])[_server, _etcd]).OfType<SupervisedProcess>())
        {
            await process.Stop();
            process.WriteLog(_folder);
            await process.DisposeAsync();
        }
    }

    private async Task Start(CancellationToken cancellation)
    {
        IReadOnlyList<int> ports = Ports.Free(3);
        Server = new($"https://127.0.0.1:{ports[2]}");
        await WriteSecrets(cancellation);
        _etcd = Child("etcd", _tools.Etcd,
            "--data-dir", Path.Combine(_folder, "etcd"), "--logger", "zap", "--log-level", "warn",
            "--listen-client-urls", $"http://127.0.0.1:{ports[0]}", "--advertise-client-urls", $"http://127.0.0.1:{ports[0]}", "--listen-peer-urls", $"http://127.0.0.1:{ports[1]}");
        await _etcd.Start(cancellation);
        _server = Child("kube-apiserver", _tools.KubeApiserver,
            $"--etcd-servers=http://127.0.0.1:{ports[0]}", "--bind-address=127.0.0.1", $"--secure-port={ports[2]}", "--service-cluster-ip-range=10.96.0.0/16",
            $"--cert-dir={Path.Combine(_folder, "certificates")}", $"--token-auth-file={Path.Combine(_folder, "tokens.csv")}", "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc", $"--service-account-key-file={Path.Combine(_folder, "service-account.pub")}",
            $"--service-account-signing-key-file={Path.Combine(_folder, "service-account.key")}", "--disable-admission-plugins=ServiceAccount",
            $"--audit-policy-file={Path.Combine(CloudTools.Recipes, "audit-policy.yaml")}", $"--audit-log-path={AuditLog}");
        await _server.Start(cancellation);
        Kept = Task.WhenAny(_etcd.Kept, _server.Kept).Unwrap();
        await AwaitReady(cancellation);
        foreach (string folder in (string[])[Path.Combine(CloudTools.Deploy, "crds"), Path.Combine(CloudTools.Deploy, "rbac")])
            await Apply(Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal), cancellation);
        await Apply([Path.Combine(CloudTools.Recipes, "polaris-crds.yaml")], cancellation);
    }

    private Task Apply(IEnumerable<string> files, CancellationToken cancellation) => Client.Apply(files.SelectMany(KubeResource.Read), cancellation);

    private SupervisedProcess Child(string name, string program, params string[] arguments) =>
        new(new ProcessBoardResource { Name = name, Executable = program, Arguments = arguments, WorkingFolder = _folder, ShutdownGrace = TimeSpan.FromSeconds(2) }, _machine);

    /// <summary>Tokens and the key of service accounts, new for each start.</summary>
    private async Task WriteSecrets(CancellationToken cancellation)
    {
        IEnumerable<string> tokens = _tokens.Select(pair => pair.Key == Administrator
            ? $"{pair.Value},{pair.Key},{pair.Key},\"system:masters\""
            : $"{pair.Value},system:serviceaccount:default:{pair.Key},{pair.Key},\"system:serviceaccounts,system:serviceaccounts:default\"");
        await WritePrivate("tokens.csv", string.Join('\n', tokens) + "\n", cancellation);
        using var key = RSA.Create(2048);
        await WritePrivate("service-account.key", key.ExportRSAPrivateKeyPem(), cancellation);
        await WritePrivate("service-account.pub", key.ExportSubjectPublicKeyInfoPem(), cancellation);
    }

    private async Task AwaitReady(CancellationToken cancellation)
    {
        long begin = _machine.GetTimestamp();
        string certificate = Path.Combine(_folder, "certificates", "apiserver.crt"); // its own and that of its authority, which it makes when it starts
        while (_client is null || !await _client.IsReady(cancellation))
        {
            if (Kept.IsFaulted)
                await Kept;
            if (_machine.GetElapsedTime(begin) > ReadyTimeout)
                throw new FlightException($"cloud: kube-apiserver is not ready after {ReadyTimeout.TotalSeconds:0} s; its words are in {Path.Combine(_folder, "kube-apiserver.log")}");
            if (_client is null && File.Exists(certificate) && await File.ReadAllTextAsync(certificate, cancellation) is var text && text.TrimEnd().EndsWith("-----END CERTIFICATE-----", StringComparison.Ordinal))
            {
                _client = new(Server, text, _tokens[Administrator], _machine);
                foreach (string account in Accounts)
                    await WriteKubeconfig(account, text, cancellation);
            }
            await Task.Delay(Poll, _machine, cancellation);
        }
    }

    private async Task WriteKubeconfig(string account, string authorities, CancellationToken cancellation)
    {
        // Polaris logs its whole configuration: its token is in a file of its own, which the configuration names.
        string user = $"token: {_tokens[account]}";
        if (account is SloController or ElasticityController)
        {
            string file = await WritePrivate($"{account}.token", _tokens[account], cancellation);
            user = $"auth-provider: {{ name: tokenFile, config: {{ tokenFile: \"{file}\" }} }}";
        }
        await WritePrivate($"{account}.kubeconfig", $"""
            apiVersion: v1
            kind: Config
            clusters:
              - name: bench
                cluster: {"{"} server: "{Server.AbsoluteUri.TrimEnd('/')}", certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authorities))} {"}"}
            users:
              - name: {account}
                user: {"{"} {user} {"}"}
            contexts:
              - name: bench
                context: {"{"} cluster: bench, user: {account}, namespace: default {"}"}
            current-context: bench

            """, cancellation);
    }

    private async Task<string> WritePrivate(string name, string text, CancellationToken cancellation)
    {
        string path = Path.Combine(_folder, name);
        await using (FileStream file = new(path, OperatingSystem.IsWindows()
            ? new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write }
            : new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Private }))
        {
            await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        }
        return path;
    }
}
