// Boots the API reference in the element with data-openapi. Nothing is
// fetched but that document, and keys stay in memory.
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

const element = document.querySelector("[data-openapi]");
if (element) {
  SwaggerUI({
    domNode: element,
    url: element.dataset.openapi,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    persistAuthorization: false,
    requestSnippetsEnabled: true,
    tryItOutEnabled: true,
    validatorUrl: null,
    syntaxHighlight: { activated: true, theme: "nord" },
  });
}
