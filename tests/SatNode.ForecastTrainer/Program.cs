using System.Globalization;
using SatNode.Flight.Model.Learned;
using SatNode.ForecastTrainer;

// forecast-trainer FOLDER [TRUTHS [EPOCHS [HIDDEN [SEED]]]]: trains both networks of the learned forecast and writes forecast-residual.bin and forecast-whole.bin.
if (args.Length is < 1 or > 5)
{
    Console.Error.WriteLine("usage: SatNode.ForecastTrainer FOLDER [TRUTHS [EPOCHS [HIDDEN [SEED]]]]");
    return 2;
}
int truths = Number(1, 400), epochs = Number(2, 60), hidden = Number(3, 16), seed = Number(4, 1);
const float Rate = 4e-3f;
Parallel.ForEach([true, false], isResidual =>
{
    string kind = isResidual ? "residual" : "whole";
    Example[] all = Examples.Fly(truths, isResidual);
    int held = all.Length / 10; // the last truths: to be seen beside the loss of training
    Example[] examples = all[..^held], unseen = all[^held..];
    var trainer = new Trainer(LearnedForecast.Inputs, hidden, LearnedForecast.Outputs, seed);
    Console.WriteLine($"{kind}: {examples.Length} examples, {unseen.Length} held back, loss before {trainer.Loss(unseen):F4}");
    double loss = double.NaN;
    for (int epoch = 0; epoch < epochs; epoch++)
    {
        float rate = Rate * (0.02f + (0.98f * (1 + MathF.Cos(MathF.PI * epoch / epochs)) / 2));
        loss = trainer.Epoch(examples, rate);
        if (epoch % 5 == 4 || epoch == epochs - 1)
            Console.WriteLine($"{kind}: epoch {epoch + 1}, loss {loss:F4}, unseen {trainer.Loss(unseen):F4}");
    }
    string training = string.Create(CultureInfo.InvariantCulture, $"kind={kind}; seed={seed}; truths={truths} from {Examples.FirstSeed}; epochs={epochs}; rate={Rate}; unseen={trainer.Loss(unseen):F4}");
    string path = Path.Combine(args[0], $"forecast-{kind}.bin");
    File.WriteAllBytes(path, RecurrentNetwork.Write(LearnedForecast.Inputs, hidden, LearnedForecast.Outputs, trainer.Weights, training));
    Console.WriteLine($"{kind}: wrote {path}");
});
return 0;

int Number(int index, int standard) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : standard;
