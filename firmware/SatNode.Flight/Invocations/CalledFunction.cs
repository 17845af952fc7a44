namespace SatNode.Flight.Invocations;

/// <summary>What became of a function that another one called, over all the calls of one invocation.</summary>
/// <param name="Function">Its name.</param>
/// <param name="Limit">The first limit of its own that it met; empty when it met none.</param>
/// <param name="Reason">What happened, for people; empty when nothing did.</param>
/// <param name="IsOffence">True when one of the calls broke a limit of its own or a rule of the machine: once an invocation, however often it was called, so that no caller can have
/// another function held back by one invocation.</param>
/// <param name="Succeeded">True when one of the calls completed.</param>
public sealed record CalledFunction(string Function, string Limit, string Reason, bool IsOffence, bool Succeeded);
