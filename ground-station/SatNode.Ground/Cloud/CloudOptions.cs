namespace SatNode.Ground.Cloud;

/// <summary>The cluster that steers this station's satellites.</summary>
/// <param name="Kubeconfig">The file that says where the cluster is and who we are there.</param>
/// <param name="Context">The context of that file; its current one when null.</param>
/// <param name="Namespace">Where the objects are.</param>
/// <param name="StatusPeriod">Machine time between two writes of one object when only numbers changed; 10 s unless told.</param>
/// <param name="ReplaceAfter">World time for which a placed satellite may break a rule of placement before another takes its place; 12,000 s unless told.</param>
/// <param name="RetryAfter">World time after which what failed on a satellite is tried there again, doubled with each failure; 600 s unless told.</param>
internal sealed record CloudOptions(string Kubeconfig, string? Context, string Namespace, TimeSpan StatusPeriod, TimeSpan ReplaceAfter, TimeSpan RetryAfter);
