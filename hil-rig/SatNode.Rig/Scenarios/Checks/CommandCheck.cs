namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>command-verified</c>: at least one telecommand of the scenario went through every stage in order, and none failed.</summary>
internal static class CommandCheck
{
    public const string Name = "command-verified";

    private static readonly string[] Stages = ["queued", "released", "accepted", "started", "completed"];

    public static CheckResult Run(FlightRecord flight)
    {
        List<string> faults = [];
        if (flight.Commands.Count == 0)
            faults.Add("no telecommand was sent");
        int verified = 0;
        foreach (CommandRecord command in flight.Commands)
        {
            string what = $"{command.Command.Name} to {command.Command.Satellite}";
            if (IsInOrder(command.States))
                verified++;
            else
                faults.Add($"{what}: expected {string.Join(", ", Stages)}, found {(command.States.Count == 0 ? "nothing" : string.Join(", ", command.States))}{(command.Detail.Length > 0 ? $" ({command.Detail})" : "")}");
        }
        return FlightChecks.Judge(Name, faults, $"{verified} {(verified == 1 ? "command" : "commands")}: {string.Join(" → ", Stages)}; {string.Join(", ", flight.Commands.Select(command => $"{command.Command.Name} to {command.Command.Satellite}"))}");
    }

    /// <summary>The stages stand in this order, progress may stand between, and nothing else does.</summary>
    private static bool IsInOrder(IReadOnlyList<string> states)
    {
        int next = 0;
        foreach (string state in states)
        {
            if (next < Stages.Length && state == Stages[next])
                next++;
            else if (state is not ("progressing" or "released")) // released again after a contact that ended too soon
                return false;
        }
        return next == Stages.Length;
    }
}
