using System.Text.RegularExpressions;

namespace SatNode.EndToEnd.Cloud;

/// <summary>A real API server with SatNode's resources, which the tests of a class share: <c>satnode-rig cloud</c>, as a developer starts it. Where what it needs is
/// not there, a test fails with the rig's own line.</summary>
public sealed partial class BareControlPlane : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private RigProcess? _rig;

    /// <summary>Its folder; disposed, nothing is left of it.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("satnode-e2e-cloud-").FullName;

    /// <summary>Where the API server listens.</summary>
    public Uri Server { get; private set; } = new("https://127.0.0.1");

    /// <summary>The kubeconfig of who may do everything.</summary>
    public string AdministratorKubeconfig { get; private set; } = "";

    /// <summary>The kubeconfig of the ground station's bridge, with the rights of <c>ground-station/deploy/rbac</c>.</summary>
    public string BridgeKubeconfig { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _rig = RigProcess.StartCommand("cloud", "--out", Path.Combine(Folder, "plane"));
        await _rig.Said("ready ", Patience);
        Match ready = Ready().Match(_rig.Output);
        Server = new(ready.Groups["server"].Value);
        AdministratorKubeconfig = ready.Groups["admin"].Value;
        BridgeKubeconfig = ready.Groups["bridge"].Value;
    }

    /// <summary>Kills the API server without a warning; the rig starts it again at the same address.</summary>
    public void KillApiServer()
    {
        foreach ((int id, string line) in RigProcess.Processes(Folder))
        {
            if (line.Contains("/kube-apiserver ", StringComparison.Ordinal))
                RigProcess.Signal(id, 9);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
        {
            _rig.Signal(15);
            await _rig.Ended(TimeSpan.FromSeconds(30));
            _rig.Dispose();
            await RigProcess.NothingIsLeftOf(Folder);
        }
        Directory.Delete(Folder, recursive: true);
    }

    [GeneratedRegex("ready server=(?<server>\\S+) kubeconfig=(?<admin>\\S+) bridge=(?<bridge>\\S+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ready();
}
