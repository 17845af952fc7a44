using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using SatNode.Agent.Composition;
using SatNode.Agent.Configuration;
using SatNode.Agent.Tests.Configuration;
using SatNode.Protocol.Boards;

namespace SatNode.Agent.Tests.Composition;

/// <summary>The whole agent on a board in files: a boot state, no watchdog, and sensors that do not answer.</summary>
public sealed class AgentHostTests : IDisposable
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("satnode-host-").FullName;
    private readonly StringWriter _console = new();
    private readonly StringWriter _diagnostics = new();

    public AgentHostTests()
    {
        Directory.CreateDirectory(PathOf("keys"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=p10-s03", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        File.WriteAllText(PathOf("keys/ca.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf("keys/node.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(PathOf("keys/node.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(PathOf("keys/command.pub"), key.ExportSubjectPublicKeyInfoPem());
        File.WriteAllBytes(PathOf("boot-state"), new byte[BootStateStore.BlockBytes]);
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private BootState? State
    {
        get
        {
            using FileStream block = File.OpenRead(PathOf("boot-state"));
            return new BootStateStore(block).Read();
        }
        set
        {
            using FileStream block = File.Open(PathOf("boot-state"), FileMode.Open);
            new BootStateStore(block).Write(value!);
        }
    }

    private AgentHost Agent(string? bootSlot)
    {
        JsonObject configuration = ExampleConfiguration.New();
        configuration.Remove("clock");
        configuration.Remove("payload");
        configuration["network"]!["listenPort"] = FreePort();
        configuration["board"] = new JsonObject { ["watchdog"] = PathOf("watchdog"), ["bootState"] = PathOf("boot-state"), ["healthCheckSeconds"] = 1 };
        File.WriteAllText(PathOf("agent.json"), configuration.ToJsonString());
        return new(AgentOptionsFile.Read(PathOf("agent.json")), _folder, _console, _diagnostics, bootSlot);
    }

    [Fact]
    public async Task A_slot_on_trial_that_is_not_well_ends_the_agent_with_a_fault()
    {
        State = BootState.Initial.StageTrial().NextBoot().State;
        await using (AgentHost agent = Agent("b"))
            Assert.Contains("a sensor does not answer", (await Assert.ThrowsAsync<HealthCheckException>(() => agent.Run(CancellationToken.None).WaitAsync(Hang, TimeProvider.System))).Message,
                StringComparison.Ordinal);
        Assert.Equal(BootState.Initial.StageTrial().NextBoot().State, State);
        string console = _console.ToString();
        Assert.Contains(" agent.started version=", console, StringComparison.Ordinal);
        Assert.Contains(" reset_reason=power-on ", console, StringComparison.Ordinal);
        Assert.Contains($" medium board-part.failed part=watchdog error=Could not find file '{PathOf("watchdog")}'", console, StringComparison.Ordinal);
        Assert.Contains(" high health-check.failed slot=b reason=a sensor does not answer", console, StringComparison.Ordinal);
        Assert.EndsWith(" informative agent.stopping reason=the health check failed\n", console, StringComparison.Ordinal);
        Assert.Equal($"board.watchdog: Could not find file '{PathOf("watchdog")}'; the agent goes on without\n", _diagnostics.ToString());
    }

    [Fact]
    public async Task After_a_rollback_the_confirmed_slot_says_so_and_flies_on()
    {
        State = BootState.Initial.StageTrial().RollBack(RollbackReason.NotConfirmed).State;
        using var stop = new CancellationTokenSource();
        await using (AgentHost agent = Agent("a"))
        {
            Task run = agent.Run(stop.Token);
            await stop.CancelAsync();
            await run.WaitAsync(Hang, TimeProvider.System);
        }
        Assert.Contains(" reset_reason=rollback ", _console.ToString(), StringComparison.Ordinal);
        Assert.Contains(" medium slot.rolled-back slot=b reason=not confirmed\n", _console.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" informative agent.stopping reason=requested\n", _console.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("c")]
    public void A_board_with_slots_must_be_told_which_one_booted(string? bootSlot) =>
        Assert.Equal($"board.bootState: expected SATNODE_SLOT in the environment to be a or b, found '{bootSlot}'; what starts the agent sets it",
            Assert.Throws<OptionsException>(() => Agent(bootSlot)).Message);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        _console.Dispose();
        _diagnostics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
