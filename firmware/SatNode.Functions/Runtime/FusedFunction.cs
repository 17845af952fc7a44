namespace SatNode.Functions.Runtime;

/// <summary>One of several functions that run in one instance, one after the other.</summary>
/// <param name="Function">The function.</param>
/// <param name="Environment">What the node lends to it: its own seed, deadline and facts. What all of them changed is committed through the first one's.</param>
public readonly record struct FusedFunction(DeployedFunction Function, IFunctionEnvironment Environment);
