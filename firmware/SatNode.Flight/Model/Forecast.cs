using SatNode.Flight.Model.Learned;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>What board and battery will do with the loads that are known and no other function running, in steps of <see cref="StepSeconds"/>, with one standard deviation each, and how an
/// additional load moves them. Made once, filled with every sample; reading and filling allocate nothing. An unknown state gives NaN throughout.</summary>
public sealed class Forecast
{
    /// <summary>World seconds between two points: a sixteenth of the board's time constant.</summary>
    public const double StepSeconds = 20;

    /// <summary>The most points: 200 minutes, two orbits of a low satellite.</summary>
    public const int MaxPoints = 601;

    /// <summary>Sunlight ahead that counts as an orbit without eclipse: 110 minutes, the period at 1,200 km.</summary>
    public const double OrbitWithoutEclipseSeconds = 6600;

    private const double BoardSigmaNow = 0.3; // TMP102 within its ±0.5 K
    private const double ChargeSigmaNow = 0.005; // LTC2944 within its 1 %
    private const double Dark = 0.5;

    private readonly double[] _board = new double[MaxPoints];
    private readonly double[] _boardSigma = new double[MaxPoints];
    private readonly double[] _charge = new double[MaxPoints];
    private readonly double[] _chargeSigma = new double[MaxPoints];
    private readonly double[] _contact = new double[MaxPoints]; // share of the step in contact
    private readonly double[] _functions = new double[MaxPoints]; // watts of planned functions over the step
    private readonly double[] _boardWatts = new double[MaxPoints];
    private readonly double[] _available = new double[MaxPoints];
    private readonly double[] _availableSigma = new double[MaxPoints];
    private readonly double[] _load = new double[MaxPoints];
    private readonly double[] _solar = new double[MaxPoints];
    private readonly double[] _sun = new double[MaxPoints];
    private readonly int[] _end = new int[MaxPoints];
    private ParameterFilter? _boardFilter;
    private double _frameKelvinPerJoule;
    private double _chargePerJoule;

    /// <summary>The time of the first point.</summary>
    public DtnTime Start { get; private set; }

    /// <summary>Points; 0 before the first fill.</summary>
    public int Count { get; private set; }

    /// <summary>The board, in kelvin.</summary>
    public ReadOnlySpan<double> BoardKelvin => _board.AsSpan(0, Count);

    /// <summary>One standard deviation of <see cref="BoardKelvin"/>.</summary>
    public ReadOnlySpan<double> BoardSigmaKelvin => _boardSigma.AsSpan(0, Count);

    /// <summary>The state of charge, 0 to 1.</summary>
    public ReadOnlySpan<double> StateOfCharge => _charge.AsSpan(0, Count);

    /// <summary>One standard deviation of <see cref="StateOfCharge"/>.</summary>
    public ReadOnlySpan<double> StateOfChargeSigma => _chargeSigma.AsSpan(0, Count);

    /// <summary>The load in watts: board, transmitter in contact, all else, and the functions that were planned.</summary>
    public ReadOnlySpan<double> LoadWatts => _load.AsSpan(0, Count);

    /// <summary>The board's part of <see cref="LoadWatts"/>.</summary>
    public ReadOnlySpan<double> BoardWatts => _boardWatts.AsSpan(0, Count);

    /// <summary>The share of the Sun in view, 0 to 1.</summary>
    public ReadOnlySpan<double> SunShare => _sun.AsSpan(0, Count);

    /// <summary>The share of each step in contact, 0 to 1.</summary>
    public ReadOnlySpan<double> ContactShare => _contact.AsSpan(0, Count);

    /// <summary>The array less one standard deviation, in watts.</summary>
    public ReadOnlySpan<double> SolarWatts => _solar.AsSpan(0, Count);

    /// <summary>Power that is left at a point for more functions: the array, and what the battery may give, less all loads; NaN when unknown or past the
    /// end. One standard deviation is <see cref="AvailableSigma"/>.</summary>
    public Power Available(int point) => new(point >= 0 && point < Count ? _available[point] : double.NaN);

    /// <summary>One standard deviation of <see cref="Available"/>.</summary>
    public Power AvailableSigma(int point) => point >= 0 && point < Count ? new(_availableSigma[point]) : new(double.NaN);

    /// <summary>The least power left for functions over the whole forecast; NaN when unknown.</summary>
    public Power LeastAvailable
    {
        get
        {
            double least = Count == 0 ? double.NaN : double.PositiveInfinity;
            for (int i = 0; i < Count; i++)
                least = Math.Min(least, _available[i]); // NaN stays
            return new(least);
        }
    }

    /// <summary>The most that the battery may give, in watts.</summary>
    public double MaxDischargeWatts { get; private set; }

    /// <summary>World seconds from <see cref="Start"/> to a time; negative before.</summary>
    public double SecondsTo(DtnTime time) => time.Since(Start).TotalSeconds;

    /// <summary>The last point that matters to what starts at a point: the end of the next eclipse, one that is on not counted. −1 when the
    /// forecast does not reach that far. Without an eclipse ahead, <see cref="OrbitWithoutEclipseSeconds"/> of sunlight are enough.</summary>
    public int EndOfNextEclipse(int point) => point >= 0 && point < Count ? _end[point] : -1;

    /// <summary>The highest board temperature to the end of the next eclipse; NaN when unknown.</summary>
    public Temperature PeakBoard => new(Extreme(_board, highest: true));

    /// <summary>The highest board temperature over a time ahead; NaN when unknown or past the end.</summary>
    public Temperature PeakBoardWithin(TimeSpan time)
    {
        int last = (int)Math.Ceiling(time.TotalSeconds / StepSeconds);
        if (last < 0 || last >= Count)
            return new(double.NaN);
        double peak = _board[0];
        for (int i = 1; i <= last; i++)
            peak = Math.Max(peak, _board[i]); // NaN stays
        return new(peak);
    }

    /// <summary>The lowest state of charge to the end of the next eclipse; NaN when unknown.</summary>
    public Ratio LowestCharge => new(Extreme(_charge, highest: false));

    /// <summary>How much warmer a load makes the board, in kelvin.</summary>
    /// <param name="watts">The load.</param>
    /// <param name="since">Seconds since it began; 0 or less gives 0.</param>
    /// <param name="duration">How long it lasts, in seconds.</param>
    public double Heating(double watts, double since, double duration)
    {
        if (_boardFilter is not { } filter || !(watts >= 0)) // a load never cools
            return double.NaN;
        if (since <= 0)
            return 0;
        double rate = filter[1];
        double on = Math.Min(since, duration);
        double rise = filter[0] / rate * watts * (1 - Math.Exp(-rate * on));
        if (since > duration)
            rise *= Math.Exp(-rate * (since - duration));
        return rise + (_frameKelvinPerJoule * watts * on);
    }

    /// <summary>One standard deviation of <see cref="Heating"/> at the end of a load, where it is largest.</summary>
    public double HeatingSigma(double watts, double duration)
    {
        if (_boardFilter is not { } filter)
            return double.NaN;
        double rate = filter[1];
        double decay = Math.Exp(-rate * duration);
        double perGain = watts / rate * (1 - decay);
        double perRate = filter[0] * watts / rate * ((duration * decay) - ((1 - decay) / rate));
        return Math.Sqrt(filter.VarianceOf([perGain, perRate, 0]));
    }

    /// <summary>The share of the battery that a load takes, at most: recharging is not counted.</summary>
    public double Drain(double joules) => joules * _chargePerJoule;

    /// <summary>Moves board and charge as a network says, never further than one standard deviation.</summary>
    /// <param name="learned">The network that corrects, after its prediction.</param>
    /// <param name="model">What it corrected: this forecast's like with the same start, perhaps with other loads.</param>
    /// <param name="board">Whether the board is corrected.</param>
    /// <param name="charge">Whether charge is.</param>
    internal void Correct(LearnedForecast learned, Forecast model, bool board, bool charge)
    {
        if (learned.Count == 0)
            return;
        for (int i = 0; i < Count; i++)
        {
            double seconds = i * StepSeconds;
            double boardMax = board ? _boardSigma[i] : 0, chargeMax = charge ? _chargeSigma[i] : 0;
            if (boardMax > 0)
                _board[i] += Math.Clamp(learned.BoardCorrection(model, seconds), -boardMax, boardMax);
            if (chargeMax > 0)
                _charge[i] = Math.Clamp(_charge[i] + Math.Clamp(learned.ChargeCorrection(model, seconds), -chargeMax, chargeMax), 0, 1);
        }
    }

    internal void Fill(DtnTime start, IReadOnlyList<SunInterval> sun, IReadOnlyList<ContactInterval> contacts, ReadOnlySpan<PlannedLoad> planned, OnboardModel model)
    {
        Start = start;
        Count = FillSun(start, sun);
        FillContacts(contacts);
        FillFunctions(planned);
        FillEnds();
        FillBoard(model);
        FillCharge(model);
    }

    private int FillSun(DtnTime start, IReadOnlyList<SunInterval> sun)
    {
        int interval = 0;
        for (int i = 0; i < MaxPoints; i++)
        {
            var time = new DtnTime(start.Milliseconds + ((ulong)i * (ulong)(StepSeconds * 1000)));
            while (interval < sun.Count && sun[interval].End <= time)
                interval++;
            if (interval >= sun.Count || sun[interval].Start > time || !(sun[interval].Fraction.Value is >= 0 and <= 1))
                return i;
            _sun[i] = sun[interval].Fraction.Value;
        }
        return MaxPoints;
    }

    private void FillContacts(IReadOnlyList<ContactInterval> contacts)
    {
        _contact.AsSpan(0, Count).Clear();
        for (int i = 0; i < contacts.Count; i++)
            Spread(_contact, SecondsTo(contacts[i].Start), SecondsTo(contacts[i].End), 1);
        for (int i = 0; i < Count; i++)
            _contact[i] = Math.Min(1, _contact[i]); // two stations are one transmitter
    }

    private void FillFunctions(ReadOnlySpan<PlannedLoad> planned)
    {
        _functions.AsSpan(0, Count).Clear();
        foreach (ref readonly PlannedLoad load in planned)
            Spread(_functions, SecondsTo(load.Start), SecondsTo(load.End), load.Power.Watts);
    }

    /// <summary>Adds an amount to every step, by the share of the step that it lasts.</summary>
    private void Spread(double[] steps, double from, double to, double amount)
    {
        int last = (int)Math.Min(Count - 1, Math.Floor(to / StepSeconds));
        for (int i = (int)Math.Max(0, Math.Floor(Math.Min(from, Count * StepSeconds) / StepSeconds)); i <= last; i++)
            steps[i] += amount * Math.Max(0, Math.Min(to, (i + 1) * StepSeconds) - Math.Max(from, i * StepSeconds)) / StepSeconds;
    }

    /// <summary>Walks back once, keeping the first lit point after the darkness that follows.</summary>
    private void FillEnds()
    {
        int firstLit = -1;
        bool isDarkAhead = false;
        for (int i = Count - 1; i >= 0; i--)
        {
            if (_sun[i] < Dark)
            {
                _end[i] = firstLit < 0 ? -1 : _end[firstLit];
                isDarkAhead = true;
                continue;
            }
            if (isDarkAhead)
                _end[i] = _sun[i + 1] < Dark ? firstLit : _end[i + 1];
            else
                _end[i] = (Count - 1 - i) * StepSeconds >= OrbitWithoutEclipseSeconds ? Count - 1 : -1;
            firstLit = i;
        }
    }

    private void FillBoard(OnboardModel model)
    {
        ParameterFilter board = model.Thermal.Board;
        ParameterFilter frame = model.Thermal.Structure;
        _boardFilter = board;
        _frameKelvinPerJoule = frame[3];
        double a = board[0], b = board[1], c = board[2];
        double idle = model.Energy.Idle.Watts;
        double idleSigma = model.Energy.IdleSigma.Watts;
        double temperature = model.Thermal.BoardNow.Kelvin;
        double frameKelvin = model.Thermal.StructureNow.Kelvin;
        double reference = model.Thermal.ReferenceKelvin;
        double decay = Math.Exp(-b * StepSeconds);
        Span<double> ofBoard = [0, 0, 0];
        Span<double> ofFrame = [0, 0, 0, 0];
        Span<double> boardByFrame = [0, 0, 0, 0];
        for (int i = 0; i < Count; i++)
        {
            double settled = 1 - Math.Exp(-b * i * StepSeconds);
            double variance = board.VarianceOf(ofBoard) + frame.VarianceOf(boardByFrame) + (BoardSigmaNow * BoardSigmaNow)
                + Square(a / b * idleSigma * settled);
            _board[i] = temperature;
            _boardSigma[i] = Math.Sqrt(variance) + (double.IsNaN(temperature) ? double.NaN : 0);
            double watts = idle + _functions[i];
            _boardWatts[i] = watts;

            Span<double> frameRegressors = [_sun[i] - ThermalModel.ReferenceSun, reference - frameKelvin, 1, watts - ThermalModel.ReferenceWatts];
            Span<double> boardRegressors = [watts, frameKelvin - temperature, 1];
            double frameRate = 0;
            for (int j = 0; j < 4; j++)
            {
                frameRate += frame[j] * frameRegressors[j];
                boardByFrame[j] += StepSeconds * b * (ofFrame[j] - boardByFrame[j]);
                ofFrame[j] += StepSeconds * (frameRegressors[j] - (frame[1] * ofFrame[j]));
            }
            for (int j = 0; j < 3; j++)
                ofBoard[j] += StepSeconds * (boardRegressors[j] - (b * ofBoard[j]));
            double equilibrium = frameKelvin + (((a * watts) + c) / b);
            temperature = equilibrium + ((temperature - equilibrium) * decay);
            frameKelvin += StepSeconds * frameRate;
        }
    }

    private void FillCharge(OnboardModel model)
    {
        BatteryModel battery = model.Battery;
        double capacity = battery.Capacity.Joules;
        double charge = battery.ChargeNow.Value;
        double idle = model.Energy.Idle.Watts;
        double loadSigma = battery.OtherLoadSigma.Watts + model.Energy.IdleSigma.Watts;
        double solarSigma = battery.SolarSigma.Watts;
        MaxDischargeWatts = battery.MaxDischarge.Watts;
        _chargePerJoule = (battery.DischargeFactor + battery.DischargeFactorSigma) / capacity;
        double chargeSigma = battery.Estimator.Sigma.Value;
        double loadError = 0, solarError = 0, factorError = 0;
        double litSeconds = battery.LitSeconds;
        for (int i = 0; i < Count; i++)
        {
            bool isDark = _sun[i] < Dark;
            double load = (isDark ? battery.OtherLoadInEclipse : battery.OtherLoadInSun).Watts + idle + _functions[i] + (battery.ContactLoad.Watts * _contact[i]);
            double solar = battery.SolarAfter(litSeconds).Watts;
            double net = (solar * _sun[i]) - load;
            _charge[i] = charge;
            _chargeSigma[i] = Math.Sqrt(Square(Math.Max(ChargeSigmaNow, chargeSigma)) + Square(loadError / capacity) + Square(solarError / capacity) + Square(factorError / capacity));
            _load[i] = load;
            _solar[i] = Math.Max(0, solar - solarSigma) * _sun[i];
            _available[i] = net + (charge > 0 ? MaxDischargeWatts : charge <= 0 ? 0 : double.NaN);
            _availableSigma[i] = Math.Sqrt(Square(loadSigma) + Square(solarSigma * _sun[i]));
            charge = Math.Clamp(charge + (net * StepSeconds * (net < 0 ? battery.DischargeFactor : battery.ChargeFactor) / capacity), 0, 1);
            loadError += loadSigma * StepSeconds;
            solarError += solarSigma * _sun[i] * StepSeconds;
            factorError += net * StepSeconds * (net < 0 ? battery.DischargeFactorSigma : battery.ChargeFactorSigma);
            litSeconds = isDark ? 0 : litSeconds + StepSeconds;
        }
    }

    private double Extreme(double[] values, bool highest)
    {
        int end = EndOfNextEclipse(0);
        if (end < 0)
            return double.NaN;
        double extreme = values[0];
        for (int i = 1; i <= end; i++)
            extreme = highest ? Math.Max(extreme, values[i]) : Math.Min(extreme, values[i]); // NaN stays
        return extreme;
    }

    private static double Square(double value) => value * value;
}
