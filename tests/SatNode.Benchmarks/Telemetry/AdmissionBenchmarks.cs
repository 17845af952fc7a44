using SatNode.Benchmarks.Measuring;
using SatNode.Flight.Admission;
using SatNode.Flight.Model;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Benchmarks.Telemetry;

/// <summary>Whether an invocation may start, judged by a forecast of two orbits.</summary>
internal static class AdmissionBenchmarks
{
    private const double OrbitSeconds = 5700;
    private const double SunSeconds = 3600;
    private static readonly DtnTime Start = DtnTime.From(new DateTimeOffset(2026, 6, 21, 12, 0, 0, TimeSpan.Zero));

    public static Comparison Judge()
    {
        var comparison = new Comparison("admission.judge", $"heat, power, charge, deadline and mode judged over {Forecast.MaxPoints} points, three functions admitted before");
        OnboardModel model = Fly(out DtnTime now);
        List<SunInterval> sun = SunAhead();
        var forecast = new Forecast();
        model.Predict(sun, forecast);
        var controller = new AdmissionController(new());
        AdmittedLoad[] admitted = [.. Enumerable.Range(0, 3).Select(i => new AdmittedLoad(now, After(now, 30 * (i + 1)), new(1.5), new(345), new(0.3)))];
        AdmissionRequest good = Request(new(345), new(0.35));
        // Asks for more charge than the battery ever has: every later start is tried and refused.
        AdmissionRequest hopeless = Request(new(345), new(0.999));
        double[][] arrays = [.. Enumerable.Range(0, 4).Select(_ => new double[Forecast.MaxPoints])];
        return comparison
            .Add(Role.Product, "admitted at once", n => Judge(controller, good, admitted, forecast, now, Decision.Admit, n))
            .Add(Role.Product, "refused after every later start was tried", n => Judge(controller, hopeless, admitted, forecast, now, Decision.Refuse, n))
            .Add(Role.Product, "the forecast itself, once a housekeeping period", n =>
            {
                for (int i = 0; i < n; i++)
                    model.Predict(sun, forecast);
                Check.That(forecast.Count == Forecast.MaxPoints, "a whole forecast");
            })
            .Add(Role.Limit, "the forecast's four curves copied", n =>
            {
                for (int i = 0; i < n; i++)
                {
                    forecast.BoardKelvin.CopyTo(arrays[0]);
                    forecast.StateOfCharge.CopyTo(arrays[1]);
                    forecast.LoadWatts.CopyTo(arrays[2]);
                    forecast.BoardSigmaKelvin.CopyTo(arrays[3]);
                }
            });
    }

    private static AdmissionRequest Request(Temperature board, Ratio charge) => new()
    {
        BoardTemperatureMax = board,
        StateOfChargeMin = charge,
        Duration = TimeSpan.FromSeconds(60),
        Power = new(1.46),
    };

    private static void Judge(
        AdmissionController controller, in AdmissionRequest request, AdmittedLoad[] admitted, Forecast forecast, DtnTime now, Decision expected, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Verdict verdict = controller.Judge(request, admitted, forecast, isSafeMode: false, now);
            if (verdict.Decision != expected)
                Check.Fail($"{expected}, found {verdict.Decision}");
        }
    }

    /// <summary>Two orbits of samples every 10 s from a satellite with plenty of everything.</summary>
    private static OnboardModel Fly(out DtnTime now)
    {
        var model = new OnboardModel(new() { BatteryCapacity = Energy.FromWattHours(118.8) });
        now = Start;
        double charge = 0.85;
        for (double seconds = 0; seconds <= 2 * OrbitSeconds; seconds += 10)
        {
            now = After(Start, seconds);
            double lit = seconds % OrbitSeconds < SunSeconds ? 1 : 0;
            double batteryWatts = (32 * lit) - 14;
            charge = Math.Clamp(charge + (batteryWatts * 10 / (118.8 * 3600)), 0, 0.96);
            model.Update(
                new()
                {
                    Time = now,
                    Board = new(310 + (4 * lit)),
                    Structure = new(290 + (3 * lit)),
                    Solar = new(32 * lit),
                    BoardPower = new(2.7),
                    StateOfCharge = new(charge),
                    BatteryVoltage = new(15.5),
                    BatteryCurrent = new(batteryWatts / 15.5),
                }, TimeSpan.Zero, new(lit));
        }
        return model;
    }

    private static List<SunInterval> SunAhead()
    {
        var intervals = new List<SunInterval>();
        for (int orbit = 0; orbit < 6; orbit++)
        {
            DtnTime begin = After(Start, orbit * OrbitSeconds), dusk = After(begin, SunSeconds), end = After(begin, OrbitSeconds);
            intervals.Add(new(begin, dusk, new(1)));
            intervals.Add(new(dusk, end, new(0)));
        }
        return intervals;
    }

    private static DtnTime After(DtnTime time, double seconds) => new(time.Milliseconds + (ulong)(seconds * 1000));
}
