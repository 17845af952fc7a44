using System.Text.Json.Nodes;
using SatNode.Protocol.Boards;
using SatNode.Protocol.Dictionary;
using SatNode.Rig.Boards.Strategies;
using SatNode.Rig.Scenarios.Flight;

namespace SatNode.Rig.Boards.Sessions;

/// <summary>How a board stands: power, slots, trial, and why it started last.</summary>
/// <param name="Name">The board.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Supervisor">The process that keeps it on; null when it is off.</param>
/// <param name="Boot">The boot state; null when it has none.</param>
/// <param name="Slots">Its slots; empty when it has none.</param>
/// <param name="Running">The slot that booted last since power on; null when none did.</param>
/// <param name="ResetReason">Why the agent started last; null when it did not since power on.</param>
/// <param name="LastLine">The console's last line; null when there is none.</param>
public sealed record BoardStatus(string Name, string Kind, int? Supervisor, BootState? Boot, IReadOnlyList<SlotContent> Slots, BootSlot? Running, string? ResetReason, string? LastLine)
{
    private const string BootLine = "BOOT slot=";

    /// <summary>Reads what the console said since power on: the slot that booted, the reason of the last start, the last line.</summary>
    public static (BootSlot? Running, string? ResetReason, string? LastLine) ReadConsole(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        (BootSlot? running, string? reason, string? last) = (null, null, null);
        foreach (string line in lines)
        {
            if (line.Length > 0)
                last = line;
            if (line.StartsWith(BootLine, StringComparison.Ordinal))
                (running, reason) = (BootSlots.Find(line[BootLine.Length..].Split(' ')[0]), null);
            else if (EventTracker.Parse(line) is { } item && item.Name == Events.AgentStarted.Name)
                reason = item.Text("reset_reason");
        }
        return (running, reason, last);
    }

    /// <summary>The state in words, a line each; the first names the board.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Name}  {Kind}  {(Supervisor is { } id ? $"on (supervisor {id})" : "off")}";
        foreach (SlotContent slot in Slots)
        {
            string content = slot.Manifest is { } manifest ? $"{manifest.Version}  sha256 {Convert.ToHexStringLower(manifest.Digest.Span)[..16]}…  {manifest.SizeBytes / 1e6:0.0} MB" : slot.Fault ?? "blank";
            yield return $"  slot {slot.Slot.Name()}  {content}{Role(slot.Slot)}";
        }
        if (Boot?.LastRollback is { } rollback)
            yield return $"  rolled back  slot {rollback.Slot.Name()}: {(rollback.Reason == RollbackReason.BadImage ? "its image is not what was signed" : "not confirmed in its trial boots")}";
        if (ResetReason is not null)
            yield return $"  started by  {ResetReason}";
        if (LastLine is not null)
            yield return $"  last line  {LastLine}";
    }

    /// <summary>The state for machines.</summary>
    public JsonObject ToJson() => new()
    {
        ["board"] = Name,
        ["kind"] = Kind,
        ["power"] = Supervisor is null ? "off" : "on",
        ["supervisor"] = Supervisor,
        ["running"] = Running?.Name(),
        ["confirmed"] = Boot?.Confirmed.Name(),
        ["trial"] = Boot?.Trial is { } trial ? new JsonObject { ["slot"] = trial.Slot.Name(), ["bootsLeft"] = trial.BootsLeft } : null,
        ["rolledBack"] = Boot?.LastRollback is { } rollback ? new JsonObject { ["slot"] = rollback.Slot.Name(), ["reason"] = rollback.Reason == RollbackReason.BadImage ? "bad-image" : "not-confirmed" } : null,
        ["resetReason"] = ResetReason,
        ["slots"] = new JsonArray([.. Slots.Select(slot => (JsonNode)new JsonObject
        {
            ["slot"] = slot.Slot.Name(),
            ["version"] = slot.Manifest?.Version,
            ["sequence"] = slot.Manifest?.Sequence,
            ["sha256"] = slot.Manifest is { } manifest ? Convert.ToHexStringLower(manifest.Digest.Span) : null,
            ["fault"] = slot.Fault,
        })]),
    };

    private string Role(BootSlot slot)
    {
        List<string> roles = [];
        if (Running == slot)
            roles.Add("runs");
        if (Boot is { } boot && boot.Confirmed == slot)
            roles.Add("confirmed");
        if (Boot?.Trial is { } trial && trial.Slot == slot)
            roles.Add(trial.BootsLeft == BootState.TrialBoots ? "on trial from the next boot" : $"on trial, {trial.BootsLeft} boots left");
        return roles.Count == 0 ? "" : $"  {string.Join(", ", roles)}";
    }
}
