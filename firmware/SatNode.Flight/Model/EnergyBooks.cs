using SatNode.Protocol.Quantities;

namespace SatNode.Flight.Model;

/// <summary>Where energy went.</summary>
/// <param name="Functions">CPU time of functions, at the board's cost of a second.</param>
/// <param name="Agent">CPU time of the agent itself.</param>
/// <param name="Links">What contacts take beside: the transmitter.</param>
/// <param name="Idle">Board and satellite without any of these.</param>
/// <param name="Measured">What went over the rail meanwhile, by the sensors.</param>
public readonly record struct EnergyBooks(Energy Functions, Energy Agent, Energy Links, Energy Idle, Energy Measured)
{
    /// <summary>All that was attributed.</summary>
    public Energy Attributed => Functions + Agent + Links + Idle;

    internal EnergyBooks Plus(double functions, double agent, double links, double idle, double measured) => new(new(Functions.Joules + functions), new(Agent.Joules + agent),
        new(Links.Joules + links), new(Idle.Joules + idle), new(Measured.Joules + measured));

    internal EnergyBooks Minus(in EnergyBooks earlier) => new(Functions - earlier.Functions, Agent - earlier.Agent, Links - earlier.Links, Idle - earlier.Idle, Measured - earlier.Measured);
}
