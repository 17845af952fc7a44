using SatNode.Ground.Tests.Hosting;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.EndToEnd.Cloud;

/// <summary>A satellite that obeys: it takes deploys and undeploys, says so in its telemetry as an agent does, and answers requests. It keeps what it was told.</summary>
internal sealed class SimulatedSatellite : IAsyncDisposable
{
    private readonly TestSatellite _link;
    private readonly List<string> _obeyed = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public SimulatedSatellite(TestStation station, string name) => _link = new(station, name);

    /// <summary>What it refuses deploys with; null obeys.</summary>
    public string? Refusal { get; set; }

    /// <summary>The commands that it obeyed or refused, in their order.</summary>
    public IReadOnlyList<string> Obeyed
    {
        get
        {
            lock (_obeyed)
                return [.. _obeyed];
        }
    }

    /// <summary>Comes into contact and obeys from now on.</summary>
    public async Task RiseAsync(double boardCelsius = 40, double charge = 0.8)
    {
        await _link.GoOnlineAsync();
        await TellAsync(boardCelsius, charge);
        await _link.SendEventAsync(Events.AgentStarted, null, "1.2.3", "power-on", 12);
        _loop = ObeyAsync();
    }

    /// <summary>Sends housekeeping.</summary>
    public Task TellAsync(double boardCelsius, double charge, double mode = 0) => _link.SendAsync(TelemetryStream.Housekeeping, new Housekeeping(
    [
        new(Parameters.BoardTemperature.Id, boardCelsius + 273.15), new(Parameters.StateOfCharge.Id, charge), new(Parameters.Latitude.Id, 39.49), new(Parameters.Longitude.Id, -122.98),
        new(Parameters.Altitude.Id, 550_000), new(Parameters.ResidentMemory.Id, 50e6), new(Parameters.Mode.Id, mode),
    ]));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_loop);
        await _link.DisposeAsync();
        _stop.Dispose();
    }

    private async Task<(Telecommand Command, byte[] Signed)> NextAsync()
    {
        while (true)
        {
            Task<(Telecommand, byte[])> next = _link.NextCommandAsync();
            try
            {
                return await next.WaitAsync(_stop.Token);
            }
            catch (TimeoutException) // nobody commanded anything for a while
            {
            }
        }
    }

    private async Task ObeyAsync()
    {
        while (true)
        {
            (Telecommand command, _) = await NextAsync();
            lock (_obeyed)
                _obeyed.Add(command.Name);
            await _link.SendVerificationAsync(command.Id, VerificationStage.Acceptance);
            if (command.Name == Commands.DeployFunction.Name && Refusal is { } refusal)
            {
                await _link.SendVerificationAsync(command.Id, VerificationStage.Completion, FailureReason.InvalidArgument, refusal);
                continue;
            }
            if (command.Name == Commands.DeployFunction.Name)
            {
                FunctionImage image = _link.ImageOf(command);
                await _link.SendEventAsync(Events.FunctionDeployed, null, image.Manifest.Name, image.Manifest.Version, image.Digest, 1.0);
            }
            else if (command.Name == Commands.UndeployFunction.Name)
            {
                await _link.SendEventAsync(Events.FunctionUndeployed, null, command.Arguments["name"].AsText());
            }
            await _link.SendVerificationAsync(command.Id, VerificationStage.Completion);
        }
    }
}
