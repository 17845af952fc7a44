namespace SatNode.Agent.Composition;

/// <summary>The slot on trial did not pass its health check; the board is to boot again.</summary>
public sealed class HealthCheckException : Exception
{
    /// <summary>Creates the exception with what was wrong.</summary>
    public HealthCheckException(string fault) : base($"the slot on trial did not pass its health check: {fault}; the board boots again")
    {
    }
}
