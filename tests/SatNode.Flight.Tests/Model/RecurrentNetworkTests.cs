using System.Text;
using SatNode.Flight.Model.Learned;

namespace SatNode.Flight.Tests.Model;

public sealed class RecurrentNetworkTests
{
    [Fact] // one cell, one input: by hand
    public void Computes_what_an_lstm_computes()
    {
        float[] weights = [0.5f, -0.25f, 1f, 2f, 0.1f, 0.2f, -0.3f, 0.4f, 0.05f, 1f, -0.1f, 0.15f, 3f, -1f]; // gates of input, of state, bias; output, its bias
        var network = new RecurrentNetwork(1, 1, 1, weights, "");
        double h = 0, c = 0;
        foreach (float x in (float[])[0.7f, -1.3f, 0.2f])
        {
            double i = Sigmoid((0.5 * x) + (0.1 * h) + 0.05), f = Sigmoid((-0.25 * x) + (0.2 * h) + 1), g = Math.Tanh(x - (0.3 * h) - 0.1), o = Sigmoid((2 * x) + (0.4 * h) + 0.15);
            c = (f * c) + (i * g);
            h = o * Math.Tanh(c);
            network.Step([x]);
            Assert.Equal((3 * h) - 1, network.Output(0), 5);
        }
        network.Reset();
        Assert.Equal(-1, network.Output(0));
    }

    [Fact]
    public void Many_cells_agree_with_one_after_the_other()
    {
        var random = new Random(4);
        const int Inputs = 5, Hidden = 19, Outputs = 2; // not a multiple of a vector
        float[] weights = [.. Enumerable.Range(0, RecurrentNetwork.WeightCount(Inputs, Hidden, Outputs)).Select(_ => random.NextSingle() - 0.5f)];
        var network = new RecurrentNetwork(Inputs, Hidden, Outputs, weights, "");
        double[] h = new double[Hidden], c = new double[Hidden];
        for (int step = 0; step < 40; step++)
        {
            float[] x = [.. Enumerable.Range(0, Inputs).Select(_ => (2 * random.NextSingle()) - 1)];
            double[] pre = [.. Enumerable.Range(0, 4 * Hidden).Select(row => weights[((Inputs + Hidden) * 4 * Hidden) + row]
                + Enumerable.Range(0, Inputs).Sum(j => (double)x[j] * weights[(j * 4 * Hidden) + row]) + Enumerable.Range(0, Hidden).Sum(j => h[j] * weights[((Inputs + j) * 4 * Hidden) + row]))];
            for (int j = 0; j < Hidden; j++)
            {
                c[j] = (Sigmoid(pre[Hidden + j]) * c[j]) + (Sigmoid(pre[j]) * Math.Tanh(pre[(2 * Hidden) + j]));
                h[j] = Sigmoid(pre[(3 * Hidden) + j]) * Math.Tanh(c[j]);
            }
            network.Step(x);
            for (int output = 0; output < Outputs; output++)
            {
                int row = (4 * Hidden * (Inputs + Hidden + 1)) + (output * (Hidden + 1));
                Assert.Equal(weights[row + Hidden] + Enumerable.Range(0, Hidden).Sum(j => h[j] * weights[row + j]), network.Output(output), 4);
            }
        }
    }

    [Fact]
    public void Reads_what_it_wrote_and_says_how_it_was_trained()
    {
        float[] weights = [.. Enumerable.Range(0, RecurrentNetwork.WeightCount(2, 3, 1)).Select(i => i / 10f)];
        byte[] file = RecurrentNetwork.Write(2, 3, 1, weights, "kind=test; seed=5");
        var network = RecurrentNetwork.Read(file);
        Assert.Equal((2, 3, 1), (network.Inputs, network.Hidden, network.Outputs));
        Assert.Equal("satnode-network 1; inputs=2; hidden=3; outputs=1; kind=test; seed=5", network.Description);
        Assert.Contains("kind=residual; seed=1;", LearnedForecast.Residual().Description, StringComparison.Ordinal);
        Assert.Contains("kind=whole; seed=1;", LearnedForecast.Whole().Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "first line")]
    [InlineData("satnode-network 2; inputs=1; hidden=1; outputs=1\n", "satnode-network 1")]
    [InlineData("satnode-network 1; inputs=1; hidden=1; outputs=1\n1234", "expected 1 to 64 cells and the weights")]
    [InlineData("satnode-network 1; inputs=1; hidden=1; outputs=1\n123", "whole numbers")]
    [InlineData("satnode-network 1; inputs=1; hidden=x; outputs=1\n1234", "hidden=NUMBER")]
    [InlineData("satnode-network 1; inputs=1; hidden=65; outputs=1\n1234", "1 to 64 cells")]
    public void Refuses_what_is_no_network(string file, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => RecurrentNetwork.Read(Encoding.ASCII.GetBytes(file))).Message, StringComparison.Ordinal);

    [Fact]
    public void Refuses_weights_that_are_no_numbers_and_a_network_for_another_purpose()
    {
        float[] weights = new float[RecurrentNetwork.WeightCount(1, 1, 1)];
        weights[3] = float.NaN;
        Assert.Contains("finite", Assert.Throws<InvalidDataException>(() => RecurrentNetwork.Read(RecurrentNetwork.Write(1, 1, 1, weights, ""))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => new LearnedForecast(new(1, 1, 1, new float[14], ""), isResidual: true));
    }

    [Fact]
    public void Knows_nothing_before_an_orbit_of_samples()
    {
        var world = new TruthWorld(_ => 1, 2) { Charge = 0.6 };
        var model = new SatNode.Flight.Model.OnboardModel(world.Options);
        var forecast = new SatNode.Flight.Model.Forecast();
        LearnedForecast learned = LearnedForecast.Residual();
        void Fly(double seconds)
        {
            for (double end = world.Seconds + seconds; world.Seconds < end;)
            {
                world.Fly(model, 10, _ => 0);
                learned.Update(world.Read(), model.Battery.ChargeNow, new(world.Sun), isInContact: false);
            }
            model.Predict(world.SunAhead(), forecast);
            learned.Predict(forecast);
        }
        Fly((LearnedForecast.HistorySteps - 1) * LearnedForecast.StepSeconds);
        Assert.Equal(0, learned.Count);
        Fly(60);
        Assert.True(learned.Count > LearnedForecast.BoardSteps);
        world.Step(300); // longer than a gap may be
        Fly(10);
        Assert.Equal(0, learned.Count);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
