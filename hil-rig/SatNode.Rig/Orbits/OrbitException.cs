namespace SatNode.Rig.Orbits;

/// <summary>An <c>orbit</c> command cannot be answered: the option or file, what was expected, what was found, what to do.</summary>
public sealed class OrbitException(string message) : Exception(message);
