using SatNode.Ground.Configuration;
using SatNode.Ground.Functions;
using SatNode.Protocol;
using SatNode.Protocol.Functions;

namespace SatNode.Ground.Api;

/// <summary>The library of function images.</summary>
internal sealed class ImageEndpoints(FunctionLibrary library)
{
    /// <summary>Adds the routes.</summary>
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/images", () => library.List().Select(Views.Image));
        api.MapGet("/images/{reference}", (string reference) => library.Find(reference) is { } image ? Results.Ok(Views.Image(image)) : Missing(library, reference));
        api.MapPost("/images", Push);
        api.MapDelete("/images/{digest}", Remove);
    }

    /// <summary>The answer when a reference names no image, or several.</summary>
    public static IResult Missing(FunctionLibrary library, string reference) => Results.NotFound(new ErrorView(
        $"no image '{reference}' in the library{Suggestion.For(reference, library.List().SelectMany(image => (string[])[image.Manifest.Name, image.Reference]))}"));

    /// <summary>Packs what was pushed.</summary>
    /// <exception cref="YamlInputException">The manifest is not one, or the module is not the manifest's.</exception>
    /// <exception cref="WireFormatException">The manifest or the module is too large.</exception>
    public static FunctionImage Pack(FunctionRequestBody body)
    {
        byte[] module = body.ModuleBase64 ?? [];
        return new(FunctionManifestYaml.Read("manifestYaml", body.ManifestYaml ?? "", module), module);
    }

    private IResult Push(FunctionRequestBody body)
    {
        try
        {
            StoredImage image = library.Push(Pack(body));
            return Results.Created($"/api/v1/images/{image.Digest}", Views.Image(image));
        }
        catch (Exception e) when (e is YamlInputException or WireFormatException)
        {
            return Results.BadRequest(new ErrorView(e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException) // the library is full, or its disk
        {
            return Results.Json(new ErrorView(e.Message), statusCode: StatusCodes.Status507InsufficientStorage);
        }
    }

    private IResult Remove(string digest)
    {
        try
        {
            return library.Remove(digest) ? Results.NoContent() : Missing(library, digest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Results.Json(new ErrorView(e.Message), statusCode: StatusCodes.Status500InternalServerError);
        }
    }
}
