using System.Diagnostics;
using SatNode.Orbit.Tests.Propagation;
using SatNode.Orbit.Tests.Worlds;

namespace SatNode.Orbit.Tests;

/// <summary>Processors without vectors of 256 bits, as ARM64 is: the runtime then takes two of 128, or none.</summary>
public sealed class NarrowVectorsTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX")] // two vectors of 128 bits for each of 256
    [InlineData("DOTNET_EnableHWIntrinsic")] // none at all: element by element
    public async Task Batches_say_the_same_without_wide_vectors(string switchedOff)
    {
        string program = typeof(NarrowVectorsTests).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, "-noColor", "-noLogo", "-class", typeof(Sgp4BatchTests).FullName!, "-class", typeof(WorldStepTests).FullName!])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { [switchedOff] = "0" },
        };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("Failed: 0,", output, StringComparison.Ordinal);
        Assert.Matches("Total: [1-9][0-9]", output);
    }
}
