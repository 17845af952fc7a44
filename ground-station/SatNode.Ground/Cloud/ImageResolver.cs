using SatNode.Ground.Cloud.Resources;
using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Protocol;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Ground.Cloud;

/// <summary>Finds the image that a spec means, and makes the one with the spec's own limits: an image with a digest of its own, in the library beside the first.</summary>
internal sealed class ImageResolver(FunctionLibrary library)
{
    private readonly Dictionary<string, (long Generation, string Base, ImageResolution Resolution)> _resolved = new(StringComparer.Ordinal);

    /// <summary>Resolves a spec. Changes nothing but the library. Not thread-safe.</summary>
    public ImageResolution Resolve(SatelliteFunctionObject wanted)
    {
        string name = KeyOf(wanted);
        long generation = wanted.Metadata.Generation ?? 0;
        string? found = library.Find(wanted.Spec.Image)?.Digest;
        if (found is not null && _resolved.TryGetValue(name, out (long Generation, string Base, ImageResolution Resolution) known) && (known.Generation, known.Base) == (generation, found)
            && (known.Resolution.Function, known.Resolution.Reason) == (wanted.Status?.Function ?? known.Resolution.Function, "Resolved") && library.Find(known.Resolution.Digest!) is not null)
        {
            return known.Resolution; // packing an image anew would hash its module each time
        }
        ImageResolution resolution = ResolveAnew(wanted);
        if (found is not null)
            _resolved[name] = (generation, found, resolution);
        return resolution;
    }

    private ImageResolution ResolveAnew(SatelliteFunctionObject wanted)
    {
        string? before = wanted.Status?.Function;
        if (library.Find(wanted.Spec.Image) is not { } found)
            return new(before, null, null, "ImageNotFound", NotFound(wanted.Spec.Image));
        if (before is not null && before != found.Manifest.Name)
            return new(before, null, null, "FunctionNameChanged", $"this object holds function {before}, and image {wanted.Spec.Image} is of function {found.Manifest.Name}; make another SatelliteFunction for it");
        FunctionManifest manifest = Apply(found.Manifest, wanted.Spec);
        if (manifest == found.Manifest)
            return new(found.Manifest.Name, found.Digest, found.Manifest, "Resolved", $"{found.Reference}, {found.Digest}");
        if (manifest.Faults() is [{ } fault, ..])
            return new(found.Manifest.Name, null, null, "InvalidLimits", $"with what spec sets, {found.Reference} would be refused: {fault}");
        try
        {
            StoredImage derived = library.Push(new FunctionImage(manifest, library.Load(found.Digest).Module), derivedFrom: found.Digest);
            return new(found.Manifest.Name, derived.Digest, manifest, "Resolved", $"{found.Reference}, {found.Digest}, with the limits of spec {derived.Digest}");
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException or InvalidDataException or WireFormatException)
        {
            return new(found.Manifest.Name, null, null, "LibraryFailed", $"the image with the limits of spec cannot be kept: {e.Message}");
        }
    }

    /// <summary>Removes what was known of other objects, and images with limits of a spec that no object means any more.</summary>
    /// <param name="used">The digests that are meant.</param>
    /// <param name="objects">The objects by <see cref="KeyOf"/>.</param>
    public void Forget(IReadOnlySet<string> used, IReadOnlySet<string> objects)
    {
        foreach (string gone in _resolved.Keys.Where(key => !objects.Contains(key)).ToArray())
            _resolved.Remove(gone);
        foreach (StoredImage image in library.List().Where(image => image.DerivedFrom is not null && !used.Contains(image.Digest)))
        {
            try
            {
                library.Remove(image.Digest);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) // the disk: tried again in the next round
            {
                return;
            }
        }
    }

    /// <summary>What tells an object from an earlier one of its name.</summary>
    public static string KeyOf(SatelliteFunctionObject function) => function.Metadata.Uid ?? function.Metadata.Name;

    private string NotFound(string reference)
    {
        IReadOnlyList<StoredImage> images = library.List();
        string suggestion = Suggestion.For(reference, images.Select(image => image.Reference));
        return $"the station's library has no image '{reference}'{suggestion}; push it to the station, or correct spec.image{(reference.Contains(':', StringComparison.Ordinal) || images.Count == 0 ? "" : " (a part of a digest must fit one image alone)")}";
    }

    /// <summary>A manifest with what a spec sets. Values that no manifest can hold are kept as they are, for <see cref="FunctionManifest.Faults"/> to name.</summary>
    private static FunctionManifest Apply(FunctionManifest manifest, SatelliteFunctionSpec spec)
    {
        FunctionLimits limits = manifest.Limits;
        if (spec.Limits is { } set)
        {
            limits = limits with
            {
                MemoryBytesMax = set.MemoryBytesMax ?? limits.MemoryBytesMax,
                FuelMax = set.FuelMax is { } fuel ? (ulong)Math.Max(0, fuel) : limits.FuelMax,
                TimeMax = Milliseconds(set.TimeMaxMs) ?? limits.TimeMax,
                EnergyPerInvocationMax = set.EnergyPerInvocationMaxJoules is { } joules ? new Energy(joules) : limits.EnergyPerInvocationMax,
                InvocationsPerOrbitMax = set.InvocationsPerOrbitMax ?? limits.InvocationsPerOrbitMax,
                InvocationsPerSecondMax = set.InvocationsPerSecondMax ?? limits.InvocationsPerSecondMax,
                FanOutMax = set.FanOutMax ?? limits.FanOutMax,
                InputBytesMax = set.InputBytesMax ?? limits.InputBytesMax,
                OutputBytesMax = set.OutputBytesMax ?? limits.OutputBytesMax,
            };
        }
        FunctionConstraints constraints = manifest.Constraints with
        {
            BoardTemperatureMax = spec.Constraints?.BoardTemperatureMaxCelsius is { } celsius ? new Temperature(celsius + Temperature.FromCelsius(0).Kelvin) : manifest.Constraints.BoardTemperatureMax,
            StateOfChargeMin = spec.Constraints?.StateOfChargeMinPercent is { } percent ? Ratio.FromPercent(percent) : manifest.Constraints.StateOfChargeMin,
        };
        FunctionObjective objective = manifest.Objective with
        {
            Deadline = Milliseconds(spec.Slo?.DeadlineMs) ?? manifest.Objective.Deadline,
            Priority = spec.Slo?.Priority ?? manifest.Objective.Priority,
        };
        return manifest with { Limits = limits, Constraints = constraints, Objective = objective };
    }

    /// <summary>A number of milliseconds; one beyond any limit becomes the longest span, which no limit allows.</summary>
    private static TimeSpan? Milliseconds(long? number) => number is { } ms
        ? Math.Abs((double)ms) <= TimeSpan.MaxValue.TotalMilliseconds / 2 ? TimeSpan.FromMilliseconds(ms) : TimeSpan.MaxValue
        : null;
}
