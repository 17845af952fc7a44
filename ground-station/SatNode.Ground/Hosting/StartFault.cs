namespace SatNode.Ground.Hosting;

/// <summary>The station cannot start, for a reason that whoever started it can mend. The text says what and where.</summary>
internal sealed class StartFault(string text, Exception? inner = null) : Exception(text, inner);
