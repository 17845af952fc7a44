namespace SatNode.Rig.Links;

/// <summary>Bytes of one direction of a link; counters.</summary>
/// <param name="BytesDelivered">Handed to the receiver.</param>
/// <param name="BytesLost">Taken from the sender and in flight when the link was cut.</param>
public readonly record struct LinkDirectionCounters(long BytesDelivered, long BytesLost);

/// <summary>What a link did since it was made; counters.</summary>
/// <param name="Forward">From who connects to the target.</param>
/// <param name="Backward">From the target to who connects.</param>
/// <param name="Connections">Connections that reached the target.</param>
/// <param name="Cuts">Connections that ended because the link went down.</param>
/// <param name="Unanswered">Connections closed because the target did not answer.</param>
/// <param name="Surplus">Connections closed because <see cref="LinkEmulator.ConnectionsMax"/> were open.</param>
/// <param name="Contacts">Times the link came up.</param>
public readonly record struct LinkCounters(
    LinkDirectionCounters Forward, LinkDirectionCounters Backward, long Connections, long Cuts, long Unanswered, long Surplus, long Contacts);
