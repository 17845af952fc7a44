using SatNode.Flight.Sensors;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Quantities;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Model;

/// <summary>Says where every joule goes: to functions, to the agent itself (housekeeping, networking, deciding), to links (transmitter), or to idling, which is what board and satellite take without
/// any of these. Each share is what the model believes; beside their sum stands what the sensors measured, so that a wrong model shows.</summary>
/// <remarks>The rail is the array's power less what goes into the battery. A time in which it was not measured is in neither. Belongs to the agent's tick; allocates only when an orbit ends.</remarks>
/// <param name="model">What a second of CPU, an idle board, a contact and the rest of the satellite take.</param>
/// <param name="events">Where an orbit's books go.</param>
public sealed class EnergyLedger(OnboardModel model, IEventSink events)
{
    /// <summary>The longest time between two samples that is booked, as for the model.</summary>
    public static readonly TimeSpan GapMax = TimeSpan.FromSeconds(120);

    /// <summary>Books are closed at each ascending node, and after so long where no position tells of one: the period at 1,200 km.</summary>
    public static readonly TimeSpan OrbitMax = TimeSpan.FromMinutes(110);

    private DtnTime _last;
    private EnergyBooks _atNode;
    private DtnTime _node;
    private double _latitude = double.NaN;
    private TimeSpan _functionTime;
    private TimeSpan _agentTime;

    /// <summary>All since the start.</summary>
    public EnergyBooks Books { get; private set; }

    /// <summary>Books the time since the last sample. Call it after the model was updated.</summary>
    /// <param name="readings">The sample.</param>
    /// <param name="functionTime">CPU time of functions since the start, in the world's seconds.</param>
    /// <param name="agentTime">CPU time of the agent without functions since the start, in the world's seconds.</param>
    /// <param name="sun">The share of the Sun in view.</param>
    /// <param name="isInContact">True while a ground station is in view.</param>
    /// <param name="latitudeDegrees">Below the satellite, north positive; NaN when unknown.</param>
    public void Book(in SensorReadings readings, TimeSpan functionTime, TimeSpan agentTime, Ratio sun, bool isInContact, double latitudeDegrees)
    {
        TimeSpan step = _last.Milliseconds > 0 ? readings.Time.Since(_last) : TimeSpan.Zero;
        double seconds = step.TotalSeconds;
        double rail = readings.Solar.Watts - readings.BatteryPower.Watts;
        double cost = model.Energy.JoulesPerCpuSecond;
        double other = (sun.Value >= 0.5 ? model.Battery.OtherLoadInSun : model.Battery.OtherLoadInEclipse).Watts;
        double functions = cost * (functionTime - _functionTime).TotalSeconds;
        double agent = Math.Max(0, cost * (agentTime - _agentTime).TotalSeconds);
        double links = isInContact ? model.Battery.ContactLoad.Watts * seconds : 0;
        double idle = ((model.Energy.Idle.Watts + other) * seconds) - agent; // the idle board that the model finds has the agent in it
        if (seconds > 0 && step <= GapMax && double.IsFinite(rail + functions + agent + links + idle))
            Books = Books.Plus(functions, agent, links, idle, rail * seconds);
        (_last, _functionTime, _agentTime) = (readings.Time, functionTime, agentTime);
        bool isNode = _latitude < 0 && latitudeDegrees >= 0;
        _latitude = latitudeDegrees;
        if (_node.Milliseconds == 0)
            _node = readings.Time;
        else if (isNode || readings.Time.Since(_node) >= OrbitMax)
            Close(readings.Time);
    }

    private void Close(DtnTime now)
    {
        EnergyBooks orbit = Books.Minus(_atNode);
        events.Raise(Events.OrbitEnergy, now.Since(_node).TotalSeconds, orbit.Functions.Joules, orbit.Agent.Joules, orbit.Links.Joules, orbit.Idle.Joules, orbit.Measured.Joules);
        (_atNode, _node) = (Books, now);
    }
}
