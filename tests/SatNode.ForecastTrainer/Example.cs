namespace SatNode.ForecastTrainer;

/// <summary>What a network sees at an instant, and what came.</summary>
/// <param name="Inputs">A row a step: the past, then what was known of the time ahead.</param>
/// <param name="Past">Steps of the past.</param>
/// <param name="Board">What the first output should say at each step ahead, as far as it is asked.</param>
/// <param name="Charge">The same of the second output.</param>
internal sealed record Example(float[] Inputs, int Past, float[] Board, float[] Charge);
