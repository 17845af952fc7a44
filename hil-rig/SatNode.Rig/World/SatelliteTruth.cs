using SatNode.Orbit;
using SatNode.Orbit.Contacts;
using SatNode.Orbit.Geometry;
using SatNode.Orbit.Propagation;
using SatNode.Orbit.Sunlight;
using SatNode.Rig.Devices;

namespace SatNode.Rig.World;

/// <summary>The truth of one satellite: orbit, sunlight, power and heat. Advanced by <see cref="TrueWorld"/> in equal steps; read from any thread.</summary>
/// <remarks>Shares no model with the firmware: agents see it through sensors only.</remarks>
public sealed class SatelliteTruth
{
    private const double RoundingWatts = 1e-6; // what solving for the battery's current leaves

    private readonly SatelliteOptions _options;
    private readonly Lock _lock = new();
    private readonly ThermalNetwork _heat;
    private readonly Battery _battery;
    private readonly BoardThrottle _throttle;
    private DateTimeOffset _start;
    private TruthSample _sample;
    private EnergyLedger _ledger;
    private double _attitudeFactor;
    private TimeSpan _cpuSeen;
    private double _coreSecondsDue;
    private double _coreSecondsDropped;
    private double _speedTold = 1;

    internal SatelliteTruth(string name, SatelliteOrbit orbit, SatelliteOptions options, DateTimeOffset start)
    {
        IReadOnlyList<string> faults = options.Faults();
        if (faults.Count > 0)
            throw new ArgumentException($"{name}: {string.Join("; ", faults)}", nameof(options));
        Name = name;
        Orbit = orbit;
        _options = options;
        _attitudeFactor = options.AttitudeFactor;
        _heat = new(options);
        _battery = new(options);
        _throttle = new(options);
        _start = start;
        _sample = new()
        {
            Time = start,
            BoardKelvin = _heat.BoardKelvin,
            StructureKelvin = _heat.StructureKelvin,
            StateOfCharge = _battery.StateOfCharge,
            BatteryVolts = _battery.OpenCircuitVolts,
            BatteryAmperes = 0,
            SolarWatts = 0,
            BoardWatts = 0,
            LoadWatts = 0,
            BusyCores = 0,
            SunFraction = orbit.SunFractionAt(start),
            IsInGroundContact = false,
            UnmetWatts = 0,
            PanelKelvin = _heat.PanelKelvin,
            BatteryKelvin = _heat.BatteryKelvin,
            BoardSpeed = 1,
        };
        History = new(options.HistorySamplesMax);
        History.Add(_sample);
    }

    /// <summary>The satellite's name.</summary>
    public string Name { get; }

    /// <summary>Its orbit.</summary>
    public SatelliteOrbit Orbit { get; }

    /// <summary>What happened, one sample a second of world time.</summary>
    public TruthHistory History { get; private set; }

    /// <summary>The board; null is one without power. Set before or between steps.</summary>
    public IBoardLoad? Board { get; set; }

    /// <summary>The truth at the last step.</summary>
    public TruthSample Now
    {
        get
        {
            lock (_lock)
                return _sample;
        }
    }

    /// <summary>Where energy came from and went since the start.</summary>
    public EnergyLedger Ledger
    {
        get
        {
            lock (_lock)
                return _ledger;
        }
    }

    /// <summary>Heat and charge stored now, J; heat over absolute zero.</summary>
    public double StoredJoules
    {
        get
        {
            lock (_lock)
                return _heat.StoredJoules + _battery.StoredJoules;
        }
    }

    /// <summary>Energy stored in the battery now, J.</summary>
    public double BatteryJoules
    {
        get
        {
            lock (_lock)
                return _battery.StoredJoules;
        }
    }

    /// <summary>Charge in the battery now, C.</summary>
    public double BatteryCoulombs
    {
        get
        {
            lock (_lock)
                return _battery.Coulombs;
        }
    }

    /// <summary>CPU seconds of world time that the board reported beyond what its cores can do in a step, and that therefore never became heat.</summary>
    public double CoreSecondsDropped
    {
        get
        {
            lock (_lock)
                return _coreSecondsDropped;
        }
    }

    /// <summary>Share of the array's peak that the constant attitude leaves, 0 to 1; a scenario may turn the satellite.</summary>
    /// <exception cref="InvalidOperationException">The attitude is another one: geometry says what it leaves.</exception>
    public double AttitudeFactor
    {
        get
        {
            lock (_lock)
                return _attitudeFactor;
        }
        set
        {
            if (!(value is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(value), value, "expected an attitude factor of 0 to 1");
            if (_options.Attitude != AttitudeMode.Constant)
                throw new InvalidOperationException($"{Name}: attitude factor: expected a constant attitude, found {_options.Attitude}; the geometry says what the array gives");
            lock (_lock)
                _attitudeFactor = value;
        }
    }

    /// <summary>What the sensors measure now.</summary>
    public SensedTruth Sensed
    {
        get
        {
            lock (_lock)
            {
                double solarVolts = _sample.SunFraction > 0 ? _options.SolarBusVolts : 0;
                return new(
                    _sample.BoardKelvin,
                    _sample.StructureKelvin,
                    solarVolts,
                    solarVolts > 0 ? _sample.SolarWatts / solarVolts : 0,
                    _options.BoardSupplyVolts,
                    _sample.BoardWatts / _options.BoardSupplyVolts,
                    new(_sample.BatteryVolts, _sample.BatteryAmperes, _battery.NetCoulombs, _sample.BatteryKelvin),
                    _sample.PanelKelvin,
                    _sample.LoadWatts / _sample.BatteryVolts);
            }
        }
    }

    /// <summary>Moves its start; before the first step.</summary>
    internal void Begin(DateTimeOffset start)
    {
        lock (_lock)
        {
            _start = start;
            _sample = _sample with { Time = start, SunFraction = Orbit.SunFractionAt(start) };
            History = new(_options.HistorySamplesMax);
            History.Add(_sample);
        }
    }

    /// <summary>Takes over what the board's CPUs did since the last call.</summary>
    /// <param name="rate">World seconds a machine second: a second of CPU is that many seconds of load.</param>
    internal void TakeLoad(double rate)
    {
        if (Board is not { } board)
            return;
        TimeSpan cpu = board.CpuTime;
        lock (_lock)
        {
            _coreSecondsDue += Math.Max(0, (cpu - _cpuSeen).TotalSeconds) * rate;
            _cpuSeen = cpu > _cpuSeen ? cpu : _cpuSeen;
        }
    }

    /// <summary>Advances by equal steps over which the CPU load taken before is spread.</summary>
    internal void Advance(int steps, TimeSpan step, IReadOnlyList<GroundSite> stations)
    {
        bool isPowered = Board?.IsPowered ?? false;
        for (int i = 0; i < steps; i++)
        {
            DateTimeOffset time = _sample.Time + step;
            DateTimeOffset middle = time - (step / 2);
            if (!Orbit.TryStateAt(middle, out TemeState state))
                throw new WorldEndedException(Name, middle);
            Vector3d sunKm = Sun.PositionKm(middle);
            SpaceEnvironment space = SpaceEnvironment.At(state.PositionKm, sunKm);
            bool contact = IsSeen(Frames.TemeToEcef(state.PositionKm, middle), stations);
            lock (_lock)
            {
                AbsorbedLight light = _options.Attitude == AttitudeMode.Constant ? AbsorbedLight.OfConstant(_options, space, _attitudeFactor)
                    : AbsorbedLight.Of(_options, space, state, sunKm, (middle - _start).TotalSeconds, _heat.PanelKelvin);
                Step(time, step.TotalSeconds, TakeCores(steps - i, step.TotalSeconds), isPowered, contact, space.SunFraction, light);
            }
            History.Add(_sample);
        }
        lock (_lock)
        {
            // What exceeds the cores waits for the next steps (a late call), but no longer than a minute: more is no jitter.
            double backlogMax = _options.BoardCores * 60.0;
            if (_coreSecondsDue > backlogMax)
            {
                _coreSecondsDropped += _coreSecondsDue - backlogMax;
                _coreSecondsDue = backlogMax;
            }
        }
        if (_throttle.Speed != _speedTold)
        {
            _speedTold = _throttle.Speed;
            Board?.Throttle(_speedTold);
        }
    }

    /// <summary>The busy cores of a step: what is due, spread over the steps that are left, as far as cores and clock go.</summary>
    private double TakeCores(int stepsLeft, double seconds)
    {
        double cores = Math.Min(_options.BoardCores * _throttle.Speed, _coreSecondsDue / (stepsLeft * seconds));
        _coreSecondsDue -= cores * seconds;
        return cores;
    }

    private static bool IsSeen(Vector3d ecefKm, IReadOnlyList<GroundSite> stations)
    {
        foreach (GroundSite station in stations)
        {
            if (station.Sees(ecefKm))
                return true;
        }
        return false;
    }

    private void Step(DateTimeOffset time, double seconds, double cores, bool isPowered, bool contact, double sunFraction, in AbsorbedLight light)
    {
        // Electricity.
        double boardWish = (isPowered ? _options.BoardIdleWatts : 0) + (cores * _options.BoardCoreWatts);
        double transmitterWish = contact && isPowered ? _options.TransmitterWatts : 0;
        double wish = _options.BaselineWatts + _options.CommunicationWatts + _options.PayloadWatts + boardWish + transmitterWish;
        double available = light.ArrayWatts;
        double surplus = available - wish;
        BatteryStep battery = _battery.Step(surplus >= 0 ? surplus * _options.ChargeEfficiency : surplus / _options.DischargeEfficiency, seconds, _heat.BatteryKelvin);
        bool charges = battery.TerminalWatts > 0;
        double fromBattery = charges ? 0 : -battery.TerminalWatts * _options.DischargeEfficiency;
        double intoCharger = charges ? battery.TerminalWatts / _options.ChargeEfficiency : 0;
        double load = Math.Min(wish, available + fromBattery);
        double served = wish > 0 ? load / wish : 1; // an empty battery starves all loads alike
        double solar = load + intoCharger - fromBattery;
        double converterLoss = charges ? intoCharger - battery.TerminalWatts : -battery.TerminalWatts - fromBattery;
        double losses = battery.LossWatts + converterLoss;

        // Heat: what the cells turn into electricity is not heat where it is absorbed, but where it is used.
        double body = light.BodyWatts - Math.Min(solar, light.ShadedWattsMax);
        double board = boardWish * served;
        double transmitted = transmitterWish * served * _options.TransmitterEfficiency;
        ThermalStep heat = _heat.Step(new(board, body + (load - board - transmitted) + converterLoss, light.PanelWatts - solar, battery.LossWatts), seconds);
        _throttle.Step(_heat.ProcessorKelvin, seconds);

        _ledger = new()
        {
            AbsorbedJoules = _ledger.AbsorbedJoules + ((body + light.PanelWatts) * seconds),
            RadiatedJoules = _ledger.RadiatedJoules + (heat.RadiatedWatts * seconds),
            TransmittedJoules = _ledger.TransmittedJoules + (transmitted * seconds),
            HarvestedJoules = _ledger.HarvestedJoules + (solar * seconds),
            BoardJoules = _ledger.BoardJoules + (board * seconds),
            CommunicationJoules = _ledger.CommunicationJoules + ((_options.CommunicationWatts + transmitterWish) * served * seconds),
            PayloadJoules = _ledger.PayloadJoules + (_options.PayloadWatts * served * seconds),
            LoadJoules = _ledger.LoadJoules + (load * seconds),
            BatteryLossJoules = _ledger.BatteryLossJoules + (losses * seconds),
        };
        _sample = new()
        {
            Time = time,
            BoardKelvin = _heat.BoardKelvin,
            StructureKelvin = _heat.StructureKelvin,
            StateOfCharge = _battery.StateOfCharge,
            BatteryVolts = battery.TerminalVolts,
            BatteryAmperes = battery.Amperes,
            SolarWatts = solar,
            BoardWatts = board,
            LoadWatts = load,
            BusyCores = cores,
            SunFraction = sunFraction,
            IsInGroundContact = contact,
            UnmetWatts = wish - load > RoundingWatts ? wish - load : 0,
            PanelKelvin = _heat.PanelKelvin,
            BatteryKelvin = _heat.BatteryKelvin,
            BoardSpeed = _throttle.Speed,
        };
    }
}
