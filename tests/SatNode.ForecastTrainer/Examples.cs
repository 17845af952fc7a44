using SatNode.Flight.Model.Learned;
using SatNode.Flight.Tests.Model.Quality;

namespace SatNode.ForecastTrainer;

/// <summary>Examples from flights of perturbed truths. Their seeds begin far from those by which forecasts are judged.</summary>
internal static class Examples
{
    public const int FirstSeed = 1_000_000;

    /// <summary>Flies truths.</summary>
    /// <param name="truths">How many.</param>
    /// <param name="isResidual">What the network is to say: the error of the identified model, or all.</param>
    public static Example[] Fly(int truths, bool isResidual) =>
        [.. Enumerable.Range(FirstSeed, truths).AsParallel().AsOrdered().SelectMany(seed => Fly(new Mission(seed), isResidual))];

    private static IEnumerable<Example> Fly(Mission mission, bool isResidual)
    {
        // The weights do not matter: it gathers the inputs.
        var gatherer = new LearnedForecast(
            new(LearnedForecast.Inputs, 1, LearnedForecast.Outputs, new float[RecurrentNetwork.WeightCount(LearnedForecast.Inputs, 1, LearnedForecast.Outputs)], ""), isResidual);
        var asked = new List<(float[] Inputs, double[] Board, double[] Charge, int Sample, int End)>();
        var trial = new ForecastTrial(mission, readings => gatherer.Update(readings, mission.Model.Battery.ChargeNow, new(mission.World.Sun), mission.World.IsInContact), (forecast, sample) =>
        {
            int end = forecast.EndOfNextEclipse(0);
            int steps = LearnedForecast.StepsOf(forecast);
            float[] inputs = new float[(LearnedForecast.HistorySteps + steps) * LearnedForecast.Inputs];
            double[] board = new double[steps + 1], charge = new double[steps + 1];
            for (int i = 0; i < LearnedForecast.HistorySteps; i++)
                gatherer.WritePast(i, inputs.AsSpan(i * LearnedForecast.Inputs, LearnedForecast.Inputs));
            for (int k = 1; k <= steps; k++)
            {
                gatherer.WriteAhead(k, forecast, isResidual, inputs.AsSpan((LearnedForecast.HistorySteps + k - 1) * LearnedForecast.Inputs, LearnedForecast.Inputs));
                int point = isResidual ? k * LearnedForecast.PointsPerStep : 0;
                (board[k], charge[k]) = (forecast.BoardKelvin[point], forecast.StateOfCharge[point]);
            }
            asked.Add((inputs, board, charge, sample, steps));
        });
        (double boardScale, double chargeScale) = LearnedForecast.Scales(isResidual);
        foreach ((float[] inputs, double[] board, double[] charge, int sample, int steps) in asked)
        {
            float[] boardTarget = new float[LearnedForecast.BoardSteps], chargeTarget = new float[steps];
            for (int k = 1; k <= steps; k++)
            {
                double seconds = k * LearnedForecast.StepSeconds;
                if (k <= LearnedForecast.BoardSteps)
                    boardTarget[k - 1] = (float)((trial.Board(sample, seconds) - board[k]) / boardScale);
                chargeTarget[k - 1] = (float)((trial.Charge(sample, seconds) - charge[k]) / chargeScale);
            }
            yield return new(inputs, LearnedForecast.HistorySteps, boardTarget, chargeTarget);
        }
    }
}
