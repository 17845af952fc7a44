using System.Text;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Workflow;

/// <summary>The heavy function and the WASI command.</summary>
public sealed class SampleFunctionTests(WildfireChain chain) : IClassFixture<WildfireChain>
{
    [Fact]
    public void Smooths_the_scene_without_moving_its_mean()
    {
        byte[] raster = chain.Outputs["ingest"];
        InvocationOutcome outcome = chain.Run("denoise", [.. raster, 1, 3]);
        Assert.True(outcome.Succeeded, outcome.Reason);
        byte[] before = raster[(56 + (3 * 349 * 352))..(56 + (4 * 349 * 352))], after = outcome.Output[56..].ToArray();
        Assert.Equal(before.Length, after.Length);
        Assert.Equal(before.Average(b => b), after.Average(b => b), 0.5);
        Assert.True(Roughness(after) < 0.8 * Roughness(before), $"{Roughness(after)} after, {Roughness(before)} before");
    }

    [Fact]
    public void Works_in_proportion_to_its_rounds_and_gives_the_same_bytes_for_a_seed()
    {
        InvocationOutcome one = chain.Run("denoise", [1]), two = chain.Run("denoise", [2]), again = chain.Run("denoise", [1]);
        Assert.True(one.Succeeded && two.Succeeded, one.Reason + two.Reason);
        Assert.InRange((double)two.FuelUsed / one.FuelUsed, 1.9, 2.1);
        Assert.Equal(one.Output.ToArray(), again.Output.ToArray());
        Assert.Equal(one.FuelUsed, again.FuelUsed);
    }

    [Fact]
    public void Refuses_rounds_out_of_range() => Assert.Equal("gave up with code 2: expected 1 to 16 rounds", chain.Run("denoise", [17]).Reason);

    [Fact]
    public void Greets_by_standard_input_output_and_environment()
    {
        InvocationOutcome outcome = chain.Run("greet", "Ada"u8.ToArray(), FunctionKind.Command);
        Assert.Equal(InvocationEnd.Completed, outcome.End);
        Assert.Equal("hello Ada, this is greet on p01-s02\n", Encoding.UTF8.GetString(outcome.Output.Span));
    }

    [Fact]
    public void Ends_a_command_by_its_exit_code()
    {
        InvocationOutcome outcome = chain.Run("greet", [], FunctionKind.Command);
        Assert.Equal((InvocationEnd.Trapped, "ended with exit code 2"), (outcome.End, outcome.Reason));
    }

    private static double Roughness(byte[] band) => Enumerable.Range(1, band.Length - 1).Average(i => Math.Abs(band[i] - band[i - 1]));
}
